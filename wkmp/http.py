"""The endpoint for scrapers: /metrics and /healthz, served by the daemon's own event loop.

A thread of its own would poll; this wakes only when somebody asks. It speaks as little HTTP as
a scraper needs, and is bounded in connections, request size and time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final

from wkmp.metrics import CONTENT_TYPE

MAX_CONNECTIONS: Final = 16
MAX_REQUEST_BYTES: Final = 8192
TIMEOUT_S: Final = 5.0

_TEXT: Final = "text/plain; charset=utf-8"
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}

_log = logging.getLogger(__name__)


class Endpoint:
    """Answers GET and HEAD.

    Args:
        metrics: renders the metrics page.
        ailment: what is wrong with the daemon, in a line; None = it is well.
    """

    def __init__(self, metrics: Callable[[], bytes], ailment: Callable[[], str | None]) -> None:
        self._metrics = metrics
        self._ailment = ailment
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self, address: str, port: int) -> int:
        """Listen; returns the port (a free one for 0).

        Raises:
            OSError: the address cannot be listened on.
        """
        self._server = await asyncio.start_server(
            self._serve, address, port, limit=MAX_REQUEST_BYTES
        )
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Stop listening and cut the open connections."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._open):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= MAX_CONNECTIONS:
            writer.close()
            return
        self._open.add(writer)
        try:
            # A client that goes away, dawdles or talks too much has only itself to blame.
            with contextlib.suppress(
                OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
            ):
                async with asyncio.timeout(TIMEOUT_S):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._reply(head))
                    await writer.drain()
        finally:
            self._open.discard(writer)
            writer.close()

    def _reply(self, head: bytes) -> bytes:
        words = head.split(b"\r\n", 1)[0].split(b" ")
        if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            return _rendered(400, b"Bad request\n")
        method, path = words[0], words[1].partition(b"?")[0]
        if method not in {b"GET", b"HEAD"}:
            return _rendered(405, b"GET or HEAD\n", extra="Allow: GET, HEAD\r\n")
        status, kind, body = self._page(path)
        return _rendered(status, body, kind=kind, with_body=method == b"GET")

    def _page(self, path: bytes) -> tuple[int, str, bytes]:
        if path == b"/metrics":
            return 200, CONTENT_TYPE, self._metrics()
        if path == b"/healthz":
            ailment = self._ailment()
            return (200, _TEXT, b"ok\n") if ailment is None else (503, _TEXT, _line(ailment))
        return 404, _TEXT, b"There are /metrics and /healthz\n"


def _line(text: str) -> bytes:
    return f"{' '.join(text.split())}\n".encode()


def _rendered(
    status: int, body: bytes, *, kind: str = _TEXT, extra: str = "", with_body: bool = True
) -> bytes:
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n{extra}\r\n"
    )
    return head.encode() + (body if with_body else b"")

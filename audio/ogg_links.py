"""Tells an Ogg file that is several put one behind the other: a *chained* one.

Its timestamps begin anew with each link, so they say nothing of a place in the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PAGE: Final = b"OggS"
_SERIAL: Final = slice(14, 18)
_FIRST_PAGE_FLAG: Final = 0x02
_LONGEST_PAGE: Final = 65_307
_FIRST_PAGES: Final = 16
"""How many streams side by side are looked for."""


def is_chained(path: str) -> bool:
    """Say whether the last page belongs to a stream that the file does not begin with."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(_LONGEST_PAGE)
            file.seek(max(0, file.seek(0, 2) - _LONGEST_PAGE))
            tail = file.read()
    except OSError:
        return False
    at = tail.rfind(_PAGE)
    return at >= 0 and tail[at:][_SERIAL] not in _first_serials(head)


def _first_serials(head: bytes) -> set[bytes]:
    """Return the serial numbers of the streams that begin at the head of a file."""
    serials: set[bytes] = set()
    at = 0
    for _ in range(_FIRST_PAGES):
        page = head[at:]
        if not page.startswith(_PAGE) or len(page) < 27 or not page[5] & _FIRST_PAGE_FLAG:
            break
        serials.add(page[_SERIAL])
        segments = page[26]
        at += 27 + segments + sum(page[27 : 27 + segments])
    return serials

"""What can be said of a path before and after a decoder fails on it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from playback.errors import DecodeError, FailureKind

_KINDS: Final[Mapping[int, FailureKind]] = {
    errno.ENOENT: FailureKind.MISSING,
    errno.ENOTDIR: FailureKind.MISSING,
    errno.EMFILE: FailureKind.RESOURCES,
    errno.ENFILE: FailureKind.RESOURCES,
    errno.ENOMEM: FailureKind.RESOURCES,
    errno.ETIMEDOUT: FailureKind.HUNG,
}

_ADVICE: Final[Mapping[FailureKind, str]] = {
    FailureKind.MISSING: "check that it still exists and that its disk is mounted, then update",
    FailureKind.UNREADABLE: "check its permissions and the disk it is on",
    FailureKind.NOT_REGULAR: "queue a regular file",
    FailureKind.NOT_AUDIO: "remove it from the queue or replace it by a sound file",
    FailureKind.DAMAGED: "replace it by an intact copy",
    FailureKind.RESOURCES: "lower maximum_decode_streams or raise the limit of open files",
    FailureKind.HUNG: "check the network and the server it comes from",
}

_SIGNATURES: Final = (
    b"fLaC", b"RIFF", b"RF64", b"FORM", b"OggS", b"ID3", b"MAC ", b"wvpk", b"TTA1", b"MPCK",
    b"MP+", b"DSD ", b"FRM8", b"caff", b".snd", b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75",
)  # fmt: skip


def is_url(path: str) -> bool:
    """Tell an internet stream from a local path."""
    return path.startswith(("http://", "https://"))


def refuse_unless_regular(path: str) -> None:
    """Look at a local path without opening it: opening a FIFO would wait for ever.

    Raises:
        DecodeError: MISSING, UNREADABLE or NOT_REGULAR.
    """
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError) as exc:
        raise failure(kind_of(exc), path, reason_of(exc)) from exc
    if not stat.S_ISREG(mode):
        raise failure(FailureKind.NOT_REGULAR, path, "it is not a regular file")


def kind_of(exc: Exception) -> FailureKind:
    """Name the kind of a system error; whatever is not known means unreadable."""
    return _KINDS.get(getattr(exc, "errno", None) or 0, FailureKind.UNREADABLE)


def reason_of(exc: Exception) -> str:
    """Say why, without the path: the message that this goes into has it already."""
    reason = getattr(exc, "strerror", None)
    return reason if isinstance(reason, str) and reason else str(exc)


def content_kind(path: str) -> FailureKind:
    """Tell a damaged sound file from something that never was one, by its first bytes."""
    if is_url(path):
        return FailureKind.NOT_AUDIO
    with Path(path).open("rb") as file:
        head = file.read(12)
    known = head.startswith(_SIGNATURES) or head[4:8] == b"ftyp" or _is_mpeg_header(head)
    return FailureKind.DAMAGED if known else FailureKind.NOT_AUDIO


def _is_mpeg_header(head: bytes) -> bool:
    """Recognise the frame header of MPEG audio and of ADTS."""
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0


def failure(kind: FailureKind, path: str, reason: str) -> DecodeError:
    """Build the error: what was tried, on what, why it failed, what to do."""
    shown = os.fsencode(path).decode("utf-8", "replace")
    return DecodeError(kind, f"Cannot play {shown!r}: {reason}; {_ADVICE[kind]}")

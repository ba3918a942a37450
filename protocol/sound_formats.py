"""Sound formats as filters write them: ``44100:16:2``, and with ``*`` for any."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from playback.song import Song
from protocol.arguments import refused

_RATE: Final = re.compile(r"[1-9]\d{0,6}", re.ASCII)
_BITS: Final = re.compile(r"8|16|24|32|f|dsd")
_MOST_CHANNELS: Final = 8


def has_format(wanted: str, *, is_mask: bool) -> Callable[[Song], bool]:
    """Return the filter of a format.

    Args:
        wanted: ``rate:bits:channels``.
        is_mask: a part may be ``*``.

    Raises:
        AckError: it is no format.
    """
    given = wanted.split(":")
    _check(given, {"*"} if is_mask else set())

    def matches(song: Song) -> bool:
        have = (song.audio_format or "").split(":")
        return len(have) == len(given) and all(
            part in {"*", mine} for part, mine in zip(given, have, strict=True)
        )

    return matches


def _check(given: list[str], wildcards: set[str]) -> None:
    rate, bits, channels, *more = [*given, "", "", ""]
    if rate not in wildcards and not _RATE.fullmatch(rate):
        raise refused("Failed to parse the sample rate")
    if len(given) < 2:
        raise refused("Sample format missing")
    if bits not in wildcards and not _BITS.fullmatch(bits):
        raise refused("Failed to parse the sample format")
    if len(given) < 3:
        raise refused("Channel count missing")
    if channels not in wildcards and not (
        channels.isdecimal() and 1 <= int(channels) <= _MOST_CHANNELS
    ):
        raise refused(f"Invalid channel count: {channels}")
    if any(more):
        raise refused(f"Extra data after channel count: {more[0]}")

"""Which file it was that killed the last process, if any was.

What a dead process was opening is known, but not whether it died of that: a kill or a power cut
may have come at that very moment. So each suspect is decoded once more, from the same place on
and for as long as it is under suspicion, in a process that may die.

    python -m wkmp.crash_probe RATE_HZ PATH OFFSET [PATH OFFSET …]
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from itertools import chain
from typing import Final, TypeAlias

from audio.chain_source import ChainSource
from playback.errors import DecodeError
from playback.units import Ticks

PATIENCE_S: Final = 5.0
_COMMAND: Final = (sys.executable, "-P", "-m", "wkmp.crash_probe")

Opening: TypeAlias = tuple[str, Ticks]
"""A path as the decoder takes it, and the file-absolute tick to begin at."""


def killers(
    openings: Sequence[Opening], rate_hz: int, command: Sequence[str] = _COMMAND
) -> frozenset[Opening]:
    """Return those that kill a process that decodes them.

    Args:
        openings: what the last process was opening.
        rate_hz: the working rate.
        command: what is run, with the rate and the openings as its arguments.
    """
    if not openings or _survived(openings, rate_hz, command):
        return frozenset()
    return frozenset(each for each in openings if not _survived([each], rate_hz, command))


def _survived(openings: Sequence[Opening], rate_hz: int, command: Sequence[str]) -> bool:
    words = chain.from_iterable((path, str(offset)) for path, offset in openings)
    try:
        done = subprocess.run(
            [*command, str(rate_hz), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True  # that is no crash; decoders that hang are dealt with while playing
    return done.returncode >= 0  # below: the number of the signal that ended it


def main(words: Sequence[str]) -> None:
    """Decode the first second of each opening; its faults do not matter as long as we live."""
    rate_hz = int(words[0])
    for path, offset in zip(words[1::2], words[2::2], strict=True):
        with (
            contextlib.suppress(DecodeError),
            ChainSource(path, offset=Ticks(int(offset)), end=None, rate_hz=rate_hz) as source,
        ):
            decoded = 0
            while decoded < rate_hz and (block := source.read()) is not None:
                decoded += len(block)


if __name__ == "__main__":
    main(sys.argv[1:])

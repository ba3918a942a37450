"""What was being opened when the process died: the only trace that a codec's crash leaves.

Before a file is opened its URI goes into a marker file, and the marker goes once the first
second has been decoded, or the attempt is over. So the next start knows what to be careful with,
and a file that kills the process cannot make it boot for ever. A marker alone is no proof: the
process may have been killed from outside at that moment.

One marker file per chain, so that workers need no lock. Not synced: the page cache outlives a
process, and a power cut is no crash of a codec.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from playback.units import ZERO_TICKS, ChainId, Ticks

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Suspect:
    """What was being opened: a URI, and the file-absolute tick to begin at."""

    uri: str
    offset: Ticks = ZERO_TICKS


class CrashMarks:
    """Marker files in a directory of their own.

    A directory that cannot be written costs the protection, not the music: it is logged.

    Args:
        directory: made if missing; nothing else may live in it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def leftovers(self) -> tuple[Suspect, ...]:
        """Return what a dead process left behind, sorted, and forget it.

        Call it at start-up, before anything is opened.
        """
        suspects: set[Suspect] = set()
        try:
            for marker in sorted(self._directory.glob("chain-*")):
                text = marker.read_bytes().decode("utf-8", "surrogateescape")
                offset, _, uri = text.partition(" ")
                if uri and offset.isdecimal():  # else it was caught in the middle of writing
                    suspects.add(Suspect(uri, Ticks(int(offset))))
                marker.unlink()
        except OSError as error:
            _log.warning("Cannot read the crash markers in %s: %s", self._directory, error)
        return tuple(sorted(suspects))

    def set(self, chain: ChainId, suspect: Suspect) -> None:
        """Note that a file is about to be opened."""
        text = f"{suspect.offset} {suspect.uri}"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._marker(chain).write_bytes(text.encode("utf-8", "surrogateescape"))
        except OSError as error:
            _log.warning("Cannot write a crash marker in %s: %s", self._directory, error)

    def clear(self, chain: ChainId) -> None:
        """The file has proved harmless, or is closed. Safe to call twice."""
        try:
            self._marker(chain).unlink(missing_ok=True)
        except OSError as error:
            _log.warning("Cannot remove a crash marker in %s: %s", self._directory, error)

    def _marker(self, chain: ChainId) -> Path:
        return self._directory / f"chain-{chain}"

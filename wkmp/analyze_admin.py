"""The daemon's side of ``wkmp analyze``: start, stop and tell how far it is."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playback.errors import AckCode, AckError
from storage.measurements import MeasurementReader
from wkmp.analysis import Analysis
from wkmp.analysis_progress import pairs_of

USAGE: Final = "analyze start [PATH] | analyze stop | analyze status | analyze failures"
FAILURES_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class AnalyzeAdmin:
    """What a shell may ask about analyses.

    Attributes:
        analysis: the daemon's.
        music: the music directory.
        known: what has been measured.
    """

    analysis: Analysis
    music: Path
    known: MeasurementReader

    async def __call__(self, words: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Carry a sub-command out.

        Raises:
            AckError: it cannot be done.
        """
        match words:
            case ["start", *path] if len(path) < 2:
                below = below_of(self.music, *path)
                begun = await asyncio.to_thread(self.analysis.start, below)
                return [("begun", str(begun))]
            case ["stop"]:
                self.analysis.stop()
                return []
            case ["status"]:
                return pairs_of(self.analysis.progress, time.monotonic())
            case ["failures"]:
                return await asyncio.to_thread(known_pairs, self.known)
            case _:
                raise AckError(AckCode.ARG, f"usage: wkmp {USAGE}")


def below_of(music: Path, path: str = "") -> str:
    """Return the URI of what an analysis is restricted to.

    Args:
        music: the music directory.
        path: an absolute path, or a URI; "" = all.

    Raises:
        AckError: it is not in the music directory.
    """
    if not path.startswith("/"):
        normal = os.path.normpath(path) if path else "."
        if normal.startswith(".."):
            raise AckError(AckCode.ARG, f"{path} is not in the music directory {music}")
        return "" if normal == "." else normal
    for root in (music, Path(os.path.realpath(music))):
        normal = os.path.normpath(path)
        if Path(normal).is_relative_to(root):
            return below_of(music, str(Path(normal).relative_to(root)))
    raise AckError(AckCode.ARG, f"{path} is not in the music directory {music}")


def known_pairs(known: MeasurementReader) -> list[tuple[str, str]]:
    """Tell how many files are known, and which of them could not be measured, and why.

    Raises:
        StorageError: the database cannot be read.
    """
    count = known.count()
    pairs = [("files", str(count.files)), ("failed", str(count.failed))]
    for uri, reason in known.failures(FAILURES_SHOWN):
        pairs += [("uri", uri), ("reason", reason.replace("\n", " "))]
    return pairs

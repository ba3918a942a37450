"""What the processes of an analysis tell each other: one JSON object a line.

The daemon, or a shell command, starts ``wkmp.analysis_process``, which finds the files and starts
``wkmp.analysis_listener``, which decodes them. News goes up through standard output; the end of
standard input means that nobody waits for news any more.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from playback.measurement import FileVersion, MeasuredFile, Measurement, Outcome, Unmeasurable
from playback.ramp import Ramp
from playback.units import Ticks


@dataclass(frozen=True, slots=True)
class Job:
    """What an analysis is to do.

    Attributes:
        music: the music directory.
        database: where measurements are looked up, to leave out what is known.
        below: URI of a directory or song; "" = all.
    """

    music: str
    database: str
    below: str


@dataclass(frozen=True, slots=True)
class Found:
    """How much there is to do.

    Attributes:
        files: that are not measured yet, or have changed.
        size_bytes: of all of them.
        known: files that need not be measured again.
    """

    files: int
    size_bytes: int
    known: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A file is being measured."""

    uri: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A file was measured, or could not be."""

    file: MeasuredFile


@dataclass(frozen=True, slots=True)
class Passed:
    """A file was left for the next time; the text says why."""

    uri: str
    size_bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """The analysis cannot go on; the text says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Why a file could not be measured now, through no fault of its own."""

    reason: str


News: TypeAlias = Found | Begun | Measured | Passed | Trouble


def news_line(news: News) -> str:
    """Write news as a line, its end included."""
    return _line(type(news).__name__, asdict(news))


def news_of(line: str) -> News:
    """Read a line of news.

    Raises:
        ValueError: it is none.
    """
    (kind, fields), *_ = json.loads(line).items()
    match kind:
        case "Found":
            return Found(**fields)
        case "Begun":
            return Begun(**fields)
        case "Passed":
            return Passed(**fields)
        case "Trouble":
            return Trouble(**fields)
        case "Measured":
            return Measured(_file(fields["file"]))
    raise ValueError(f"no news: {kind}")


def answer_line(answer: Outcome | Later) -> str:
    """Write what came of one file as a line, its end included."""
    return _line("later" if isinstance(answer, Later) else "outcome", asdict(answer))


def answer_of(line: str) -> Outcome | Later | None:
    """Read what came of one file; None if the line only says that it is being worked on."""
    said = json.loads(line)
    if "later" in said:
        return Later(**said["later"])
    return _outcome(said["outcome"]) if "outcome" in said else None


def _line(kind: str, fields: dict[str, Any]) -> str:
    return json.dumps({kind: fields}) + "\n"


def _file(fields: dict[str, Any]) -> MeasuredFile:
    return MeasuredFile(
        fields["uri"],
        FileVersion(**fields["version"]),
        _outcome(fields["outcome"]),
        fields["method"],
    )


def _outcome(fields: dict[str, Any]) -> Outcome:
    if "reason" in fields:
        return Unmeasurable(fields["reason"])
    points = {
        "silence_before": Ticks(fields["silence_before"]),
        "silence_after": Ticks(fields["silence_after"]),
        "start": _ramp(fields["start"]),
        "end": _ramp(fields["end"]),
    }
    return Measurement(**fields | points)


def _ramp(points: list[list[float]]) -> Ramp:
    return tuple((level_db, seconds) for level_db, seconds in points)

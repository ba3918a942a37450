"""``wkmp passage …``: what a shell does to stored passages, through the running daemon."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from playback.errors import ConfigError, WkmpError
from wkmp.config import Config
from wkmp.door import Door, DoorError
from wkmp.passage_files import (
    PassageFileError,
    WrittenPassage,
    from_cue,
    from_json,
    from_pairs,
    to_cue,
    to_json,
)
from wkmp.running import door_of

USAGE = """\
usage: passage list [URI]
       passage add FILE NAME POINT=VALUE…      passage set URI POINT=VALUE…
       passage delete URI
       passage export FILE.json|FILE.cue|-     passage import FILE.json|FILE.cue|-
points, in seconds or m:ss: start, end, fade_in, lead_in, lead_out, fade_out
curves: fade_in_curve, fade_out_curve"""


def run(config: Config, do: str, words: Sequence[str]) -> Iterator[str]:
    """Carry one sub-command out; yields what there is to say.

    Raises:
        WkmpError: it cannot be done; the text says why.
    """
    with contextlib.closing(door_of(config)) as door:
        match do, words:
            case "list", [*uri] if len(uri) < 2:
                yield from map(_line, _all(door, *uri))
            case ("add", [_, _, *_]) | ("set", [_, _, *_]) | ("delete", [_]):
                door.ask("wkmp", "passage", do, *words)
            case "export", [path]:
                yield from _export(door, path)
            case "import", [path]:
                yield from _import(config, door, path)
            case _:
                raise ConfigError(USAGE)


def _all(door: Door, *uri: str) -> list[WrittenPassage]:
    return from_pairs(door.ask("wkmp", "passage", "list", *uri))


def _line(passage: WrittenPassage) -> str:
    return "  ".join([passage.uri, *(f"{key}={value}" for key, value in passage.points.items())])


def _export(door: Door, path: str) -> Iterator[str]:
    passages = _all(door)
    text = to_cue(passages) if path.lower().endswith(".cue") else to_json(passages)
    if path == "-":
        yield text.rstrip("\n")
        return
    try:
        Path(path).write_text(text, "utf-8")
    except OSError as error:
        raise WkmpError(f"cannot write {path}: {error.strerror}") from error
    yield f"{len(passages)} passages written to {path}"


def _import(config: Config, door: Door, path: str) -> Iterator[str]:
    """Have each passage of a file stored; what is refused is named, and the rest goes on."""
    passages = _read(config, path)
    refused = []
    for each in passages:
        words = (f"{key}={value}" for key, value in each.points.items())
        try:
            door.ask("wkmp", "passage", "put", each.uri, each.file, *words)
        except DoorError as error:
            refused.append(str(error))
    yield f"{len(passages) - len(refused)} of {len(passages)} passages imported"
    if refused:
        raise WkmpError("not imported:\n" + "\n".join(refused))


def _read(config: Config, path: str) -> list[WrittenPassage]:
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise WkmpError(f"cannot read {path}: {reason}") from error
    try:
        if text.lstrip("\ufeff \t\r\n").startswith("["):
            return from_json(text)
        return from_cue(text, _folder(config, path))
    except PassageFileError as error:
        raise WkmpError(f"cannot read {path}: {error}") from error


def _folder(config: Config, path: str) -> str:
    """Return where a sheet's files are: beside it, if it is in the music directory."""
    folder = Path(path).resolve().parent
    music = config.paths.music_directory.resolve()
    if path == "-" or not folder.is_relative_to(music):
        return ""
    return str(folder.relative_to(music)).removeprefix(".")

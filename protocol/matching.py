"""The simple filters of find and search: pairs of a tag and a value, all of which must match."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playback.errors import AckCode, AckError
from playback.song import Song
from protocol.arguments import refused, tag_name

Matches = Callable[[Song], bool]


def simple_filter(words: Sequence[str], *, folded: bool) -> Matches:
    """Read ``TAG VALUE …``.

    Args:
        words: the pairs; a tag may also be ``file``, ``filename``, ``any`` or ``base``.
        folded: match a part of the value in any case, instead of the very value.

    Raises:
        AckError: in MPD's words.
    """
    if len(words) % 2 or not words:
        raise refused("Incorrect number of filter arguments")
    conditions = [
        _condition(words[index], words[index + 1], folded=folded)
        for index in range(0, len(words), 2)
    ]
    return lambda song: all(holds(song) for holds in conditions)


def _condition(name: str, wanted: str, *, folded: bool) -> Matches:
    key = name.lower()
    if key == "base":
        prefix = wanted.rstrip("/")
        return lambda song: not prefix or song.uri == prefix or song.uri.startswith(prefix + "/")
    equal = _contains(wanted) if folded else _is(wanted)
    if key in {"file", "filename"}:
        return lambda song: equal(song.uri)
    if key == "any":
        return lambda song: any(equal(value) for _, value in song.tags)
    try:
        tag = tag_name(name)
    except AckError as error:
        raise AckError(AckCode.ARG, f"Unknown filter type: {name}") from error
    return lambda song: any(equal(value) for value in song.values(tag) or ("",))


def _contains(wanted: str) -> Callable[[str], bool]:
    needle = wanted.casefold()
    return lambda value: needle in value.casefold()


def _is(wanted: str) -> Callable[[str], bool]:
    return lambda value: value == wanted

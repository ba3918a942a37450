"""The filters of find and search: pairs of a tag and a value, and expressions; all must match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from library.tag_names import canonical_tag
from playback.song import Song
from protocol.arguments import refused
from protocol.comparisons import Test
from protocol.expressions import Expression, Matches, below, modified_since

FALLBACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "AlbumArtist": ("Artist",),
    "AlbumArtistSort": ("AlbumArtist", "ArtistSort", "Artist"),
    "ArtistSort": ("Artist",),
    "AlbumSort": ("Album",),
    "TitleSort": ("Title",),
    "ComposerSort": ("Composer",),
}
"""Which tags are taken, in this order, if a song does not have the one that is asked for."""


def song_filter(words: Sequence[str], *, folded: bool, may_lack: bool = False) -> Matches:
    """Read a filter: pairs of a tag and a value, and expressions in parentheses.

    Args:
        words: in pairs a tag may also be ``file``, ``filename``, ``any`` or ``base``.
        folded: compare in any case; a pair asks for a part of the value then.
        may_lack: no words mean every song.

    Raises:
        AckError: in MPD's words.
    """
    if not words and not may_lack:
        raise refused("Incorrect number of filter arguments")
    conditions: list[Matches] = []
    rest = iter(words)
    for word in rest:
        if word.startswith("("):
            conditions.append(Expression(word, folded=folded, condition=_holds).whole())
        elif (value := next(rest, None)) is None:
            raise refused("Incorrect number of filter arguments")
        else:
            conditions.append(pair(word, value, folded=folded))
    return lambda song: all(holds(song) for holds in conditions)


def values_or_fallback(song: Song, tag: str) -> tuple[str, ...]:
    """Return a tag's values, or those of the tag that stands in for it; none = one empty value."""
    for name in (tag, *FALLBACKS.get(tag, ())):
        if values := song.values(name):
            return values
    return ("",)


def pair(name: str, wanted: str, *, folded: bool) -> Matches:
    """Return the filter of one pair.

    Raises:
        AckError: in MPD's words.
    """
    if name.lower() == "base":
        if any(part in {"", ".", ".."} for part in wanted.split("/")):
            raise refused("Bad URI")
        return below(wanted)
    if name == "modified-since":
        return modified_since(wanted)
    return _holds(name, _contains(wanted) if folded else _is(wanted))


def _holds(name: str, test: Test) -> Matches:
    """Return whether a comparison holds for a tag, or for whatever else has a name."""
    key = name.lower()
    if key in {"file", "filename"}:
        return lambda song: test(song.uri)
    if key == "any":
        return lambda song: any(test(value) for _, value in song.tags)
    tag = canonical_tag(name)
    if tag is None:
        raise refused("Unknown filter type")
    return lambda song: any(map(test, values_or_fallback(song, tag)))


def _contains(wanted: str) -> Test:
    needle = wanted.casefold()
    return lambda value: needle in value.casefold()


def _is(wanted: str) -> Test:
    return lambda value: value == wanted

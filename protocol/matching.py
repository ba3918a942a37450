"""The simple filters of find and search: pairs of a tag and a value, all of which must match."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from library.tag_names import canonical_tag
from playback.song import Song
from protocol.arguments import refused

Matches: TypeAlias = Callable[[Song], bool]

FALLBACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "AlbumArtist": ("Artist",),
    "AlbumArtistSort": ("AlbumArtist", "ArtistSort", "Artist"),
    "ArtistSort": ("Artist",),
    "AlbumSort": ("Album",),
    "TitleSort": ("Title",),
    "ComposerSort": ("Composer",),
}
"""Which tags are taken, in this order, if a song does not have the one that is asked for."""


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


def values_or_fallback(song: Song, tag: str) -> tuple[str, ...]:
    """Return a tag's values, or those of the tag that stands in for it; none = one empty value."""
    for name in (tag, *FALLBACKS.get(tag, ())):
        if values := song.values(name):
            return values
    return ("",)


def _condition(name: str, wanted: str, *, folded: bool) -> Matches:
    key = name.lower()
    if key == "base":
        prefix = f"{wanted}/" if wanted else ""
        return lambda song: song.uri == wanted or song.uri.startswith(prefix)
    equal = _contains(wanted) if folded else _is(wanted)
    if key in {"file", "filename"}:
        return lambda song: equal(song.uri)
    if key == "any":
        return lambda song: any(equal(value) for _, value in song.tags)
    tag = canonical_tag(name)
    if tag is None:
        raise refused("Unknown filter type")
    return lambda song: any(map(equal, values_or_fallback(song, tag)))


def _contains(wanted: str) -> Callable[[str], bool]:
    needle = wanted.casefold()
    return lambda value: needle in value.casefold()


def _is(wanted: str) -> Callable[[str], bool]:
    return lambda value: value == wanted

"""Songs that are parts of a file: tracks of a CUE sheet, and stored passages."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from library.cue import CueTrack
from playback.passage import Passage
from playback.song import Song, Span
from playback.units import ticks_to_seconds


def track_songs(
    tracks: Iterable[CueTrack],
    folder: str,
    song_of: Callable[[str], Song | None],
    uri_of: Callable[[CueTrack, str], str],
) -> Iterator[Song]:
    """Yield a song for each track whose file is there.

    What the sheet does not say of a track, the file's tags do.

    Args:
        tracks: of one sheet.
        folder: where their files are looked for, as a URI.
        song_of: looks a file up.
        uri_of: what to call a track, given its file's URI.
    """
    for track in tracks:
        file = posixpath.normpath(posixpath.join(folder, track.file))
        whole = song_of(file)
        if whole is None or track.start is None:
            continue
        said = {name for name, _ in track.tags}
        tags = (*track.tags, *(tag for tag in whole.tags if tag[0] not in said))
        span = Span(file, track.start, track.end)
        yield _part(whole, uri_of(track, file), tags, span)


def passage_songs(stored: Mapping[str, Passage], whole: Song) -> Iterator[Song]:
    """Yield a song for each named passage of a file, called by the passage's name."""
    prefix = f"{whole.uri}/"
    for uri, passage in stored.items():
        if uri.startswith(prefix):
            name = uri.removeprefix(prefix)
            tags = tuple(tag for tag in whole.tags if tag[0] != "Title")
            span = Span(whole.uri, passage.start, passage.end)
            yield _part(whole, uri, (*tags, ("Title", name)), span)


def _part(whole: Song, uri: str, tags: tuple[tuple[str, str], ...], span: Span) -> Song:
    duration_s = whole.duration_s if span.end is None else ticks_to_seconds(span.end)
    if duration_s is not None:
        duration_s = max(0.0, duration_s - ticks_to_seconds(span.start))
    return replace(whole, uri=uri, tags=tags, duration_s=duration_s, span=span)

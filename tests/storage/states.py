"""States, songs and changes to store: by hand, and by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from playback.options import Options, ReplayGainMode, Switch
from playback.passage import Curve, Passage
from playback.player import PlayerState
from playback.saved import SavedPlayer, SavedState
from playback.song import Song, Span
from playback.status import OutputStatus, QueueEntry
from playback.units import EntryId, Ticks

FULL_SONG = Song(
    uri="Björk/Début/01 \U0001f3b5 'quoted\".flac",
    duration_s=259.0000001,
    tags=(("Artist", "Björk"), ("Artist", "Nellee"), ("Title", 'a "b" \\ \n c'), ("Track", "1")),
    last_modified=1_700_000_000,
    audio_format="44100:16:2",
)


def entry(number: int, *, version: int = 1, priority: int = 0) -> QueueEntry:
    """An entry whose song is named after its id."""
    song = Song(f"album/{number}.flac", float(number), (("Title", f"song {number}"),))
    return QueueEntry(EntryId(number), song, priority, version)


def queue(count: int) -> tuple[QueueEntry, ...]:
    """Entries 1 to ``count``."""
    return tuple(entry(number) for number in range(1, count + 1))


PLAYER = SavedPlayer(
    state=PlayerState.PAUSE,
    current=EntryId(7),
    elapsed=Ticks(28_224_000 * 3600 * 24 + 1),
    options=Options(
        repeat=True,
        random=True,
        single=Switch.ONESHOT,
        consume=Switch.ON,
        crossfade_s=5,
        mixramp_db=-17.25,
        mixramp_delay_s=0.1,
        replay_gain_mode=ReplayGainMode.AUTO,
        volume=37,
    ),
    queue_version=4_294_967_295,
    next_entry_id=9,
    order=(EntryId(7), EntryId(8), EntryId(2)),
    outputs=(
        OutputStatus(0, "Hi-fi, größer", "alsa", True, "hw:CARD=DAC,DEV=0"),
        OutputStatus(1, "nothing", "null", False),
    ),
    last_loaded_playlist="Sunday ☀",
)
STATE = SavedState(
    player=PLAYER,
    entries=(
        QueueEntry(EntryId(7), FULL_SONG, 255, 12, (Ticks(5), None)),
        QueueEntry(EntryId(2), Song("http://radio/stream"), 0, 3, (Ticks(0), Ticks(10**30))),
        QueueEntry(EntryId(8), FULL_SONG, 1, 4),
        QueueEntry(
            EntryId(6), Song("a.cue/track0002", span=Span("\udcffa.flac", Ticks(1), Ticks(10**15)))
        ),
        QueueEntry(EntryId(5), Song("a.cue/track0003", span=Span("a.flac", Ticks(7), None))),
    ),
    settings={"watchdog_interval_ms": "50", "of a newer wkmp": "ü"},
    passages={
        "a/b.flac": Passage("a/b.flac", 1, lead_out=Ticks(10**15)),
        "a/b.flac/the/loud part": Passage(
            "a/b.flac",
            4,
            Ticks(1),
            Ticks(9),
            Ticks(2),
            Ticks(8),
            Ticks(3),
            Ticks(7),
            Curve.COSINE,
            Curve.LINEAR,
        ),
        "a/b.cue/track0001": Passage("a/b.flac", 9, Ticks(5)),
        "no\udcfftext.mp3/\udcff": Passage("no\udcfftext.mp3", 2),
    },
)

any_text = st.text(st.characters(exclude_categories=()), max_size=12)  # lone surrogates included
songs = st.builds(
    Song,
    uri=any_text,
    duration_s=st.none() | st.floats(allow_nan=False),
    tags=st.lists(st.tuples(st.sampled_from(["Artist", "Title", "x"]), any_text), max_size=4).map(
        tuple
    ),
    last_modified=st.none() | st.integers(-(2**63), 2**63 - 1),
    audio_format=st.none() | st.just("96000:24:2"),
)
ranges = st.none() | st.tuples(
    st.integers(min_value=0).map(Ticks), st.none() | st.integers(min_value=0).map(Ticks)
)


@st.composite
def queues(draw: st.DrawFn) -> tuple[QueueEntry, ...]:
    """Queues over few ids and few songs, so that two of them have much in common."""
    ids = draw(st.lists(st.integers(1, 12), unique=True, max_size=12))
    few = st.sampled_from([FULL_SONG, Song("b"), Song("c", 1.5)])
    return tuple(
        QueueEntry(
            EntryId(number),
            draw(few),
            draw(st.integers(0, 1)),
            draw(st.integers(1, 2)),
            draw(st.sampled_from([None, (Ticks(1), None)])),
        )
        for number in ids
    )

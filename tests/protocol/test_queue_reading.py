"""Commands that show the queue."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from playback.song import Song
from playback.status import QueueEntry
from playback.units import EntryId
from tests.protocol.talk import House, Talk, asked, entries, hub_of, run

SONGS = (
    Song("a.flac", tags=(("Artist", "Long Player"), ("Title", "Alpha"), ("Album", "Silences"))),
    Song("b.flac", tags=(("Artist", "Long Player"), ("Title", "Bravo"))),
    Song("sub/c.flac", tags=(("AlbumArtist", "Others"), ("Title", "Charlie"))),
)


def house_with(*queue: QueueEntry, version: int = 9) -> House:
    house = House()
    house.show(entries=queue, queue_version=version)
    return house


THREE = entries(*SONGS)


def positions(reply: str) -> list[int]:
    assert reply.endswith("OK\n"), reply
    return [int(line[5:]) for line in reply.splitlines() if line.startswith("Pos: ")]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("playlistinfo", [0, 1, 2]),
        ("playlistinfo 1", [1]),
        ("playlistinfo 1:", [1, 2]),
        ("playlistinfo 0:2", [0, 1]),
        ("playlistinfo 2:99", [2]),
        ("playlistinfo 3", []),
        ("playlistinfo 3:", []),
        ("playlistinfo -1", [0, 1, 2]),
        ("playlistid", [0, 1, 2]),
        ("playlistid 2", [1]),
        ("plchanges 0", [0, 1, 2]),
        ("plchanges -1", [0, 1, 2]),
        ("plchanges 10", [0, 1, 2]),
        ("plchanges 99999999999", [0, 1, 2]),
        ("plchanges 9", []),
        ("plchanges 0 1:2", [1]),
        ("plchanges 0 2", [2]),
        ("plchanges 0 9:10", []),
        ('playlistfind artist "Long Player"', [0, 1]),
        ('playlistfind artist "long player"', []),
        ('playlistsearch artist "LONG"', [0, 1]),
        ('playlistsearch artist LONG title "alp"', [0]),
        ("playlistfind file sub/c.flac", [2]),
        ("playlistsearch filename C.FLA", [2]),
        ("playlistfind any Bravo", [1]),
        ("playlistsearch any br", [1]),
        ("playlistfind base sub", [2]),
        ("playlistfind base su", []),
        ('playlistfind album ""', [1, 2]),
        ('playlistfind albumartist "Long Player"', [0, 1]),
        ("playlistfind albumartist Others", [2]),
        ('playlistfind artist ""', [2]),
    ],
)
def test_the_entries_that_are_asked_for_are_shown(line: str, shown: list[int]) -> None:
    assert positions(asked(house_with(*THREE), line)) == shown


@pytest.mark.parametrize(
    ("line", "ack"),
    [
        ("playlistinfo 4", "[2@0] {playlistinfo} Bad song index"),
        ("playlistinfo 4:5", "[2@0] {playlistinfo} Bad song index"),
        ("playlistinfo 2:1", "[2@0] {playlistinfo} Malformed range: 2:1"),
        ("playlistid 99", "[50@0] {playlistid} No such song"),
        ("playlistid -1", "[2@0] {playlistid} Number too large: -1"),
        ("plchanges x", "[2@0] {plchanges} Integer expected: x"),
        ("plchanges 0 3:1", "[2@0] {plchanges} Malformed range: 3:1"),
        ("playlistfind", '[2@0] {playlistfind} too few arguments for "playlistfind"'),
        ("playlistfind title", "[2@0] {playlistfind} Incorrect number of filter arguments"),
        (
            "playlistfind title a artist",
            "[2@0] {playlistfind} Incorrect number of filter arguments",
        ),
        ("playlistfind nosuch x", "[2@0] {playlistfind} Unknown filter type"),
    ],
)
def test_what_cannot_be_shown_is_refused(line: str, ack: str) -> None:
    assert asked(house_with(*THREE), line) == f"ACK {ack}\n"


def test_only_what_changed_since_is_shown() -> None:
    queue = [
        replace(entry, version=version) for entry, version in zip(THREE, (3, 5, 7), strict=True)
    ]
    house = house_with(*queue)
    assert positions(asked(house, "plchanges 3")) == [1, 2]
    assert asked(house, "plchangesposid 5") == "cpos: 2\nId: 3\nOK\n"


def test_a_block_is_complete() -> None:
    assert asked(house_with(*THREE), "playlistid 1") == (
        "file: a.flac\nArtist: Long Player\nTitle: Alpha\nAlbum: Silences\nPos: 0\nId: 1\nOK\n"
    )


def test_playlist_shows_positions_and_uris() -> None:
    assert asked(house_with(*THREE), "playlist") == (
        "0:file: a.flac\n1:file: b.flac\n2:file: sub/c.flac\nOK\n"
    )


PRIORITIES = tuple(
    replace(entry, priority=priority) for entry, priority in zip(THREE, (5, 0, 200), strict=True)
)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ('"(prio >= 0)"', [0, 1, 2]),
        ('"(prio >= 5)"', [0, 2]),
        ('"(prio >=6)"', [2]),
        ('"(!(prio >= 5))"', [1]),
        ("\"((prio >= 5) AND (title == 'Alpha'))\"", [0]),
        ('"(prio >= 0)" sort prio', [1, 0, 2]),
        ('"(prio >= 0)" sort -prio', [2, 0, 1]),
        ('"(prio >= 0)" sort -prio window 1:', [0, 1]),
        ('"(prio >= 0)" window 3:', []),
    ],
)
def test_the_queue_is_filtered_and_sorted_by_priority(words: str, shown: list[int]) -> None:
    for command in ("playlistfind", "playlistsearch"):
        assert positions(asked(house_with(*PRIORITIES), f"{command} {words}")) == shown


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ('"(prio >= 0)" window 4:', "Bad song index"),
        ('"(prio == 5)"', "'>=' and a number expected"),
        ('"(prio >= x)"', "'>=' and a number expected"),
        ('"(prio >= 5"', "')' expected"),
    ],
)
def test_a_filter_by_priority_that_makes_no_sense_is_refused(words: str, refusal: str) -> None:
    reply = asked(house_with(*PRIORITIES), f"playlistfind {words}")
    assert reply == f"ACK [2@0] {{playlistfind}} {refusal}\n"


def test_an_empty_queue_is_just_ok() -> None:
    for line in ("playlistinfo", "playlist", "playlistid", "plchanges 0", "plchangesposid 0"):
        assert asked(House(), line) == "OK\n"


def test_the_tags_a_client_wants_are_its_own_affair() -> None:
    async def conversation() -> None:
        hub = hub_of(house_with(*THREE))
        one, other = Talk(hub), Talk(hub)
        await one.ask("tagtypes clear", "tagtypes enable title")
        assert "Artist: " not in await one.ask("playlistinfo 0")
        assert "Artist: " in await other.ask("playlistinfo 0")

    run(conversation())


def test_a_long_queue_is_shown_whole_and_others_have_their_turn() -> None:
    songs = [Song(f"{n}.flac", tags=(("Title", "x" * 200),)) for n in range(5000)]
    queue = tuple(QueueEntry(EntryId(n + 1), song) for n, song in enumerate(songs))

    async def conversation() -> None:
        talk = Talk(hub_of(house_with(*queue)))
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = talk.hub.loop.create_task(others())
        reply = await talk.ask("playlistinfo")
        task.cancel()
        assert positions(reply) == list(range(5000))
        assert turns >= 3
        assert max(map(len, talk.parts)) < 200_000

    run(conversation())

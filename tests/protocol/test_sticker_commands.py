"""Stickers over the protocol, in a real database, with real files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from playback.errors import StorageError
from storage.database import open_database
from storage.player_store import PlayerStore
from storage.sticker_rows import StickerReader
from tests.mpd_server import MpdClient, running_mpd
from tests.protocol.talk import House, Talk, asked, hub_of, run
from tests.sounds import Codec, make, noise

URIS = ("a/1.flac", "a/2.flac", "a_/3.flac", "b.flac")


def write_songs(root: Path) -> None:
    for number, uri in enumerate(URIS):
        (root / uri).parent.mkdir(parents=True, exist_ok=True)
        artist = "Ärz" if number == 0 else "Ben"
        make(root / uri, noise(4_410), Codec.FLAC16, None, artist=artist, title=uri)


@pytest.fixture(name="music", scope="module")
def fixture_music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("music")
    write_songs(root)
    return root


@pytest.fixture(name="house")
def fixture_house(music: Path, tmp_path: Path) -> Iterator[House]:
    store = PlayerStore(open_database(tmp_path / "wkmp.db"))
    house = House(
        music=music,
        playlists=tmp_path / "playlists",
        stickers=StickerReader(tmp_path / "wkmp.db"),
    )
    house.storage.edit = store.edit_sticker
    yield house
    store.close()


def told(house: House, *lines: str) -> list[str]:
    return asked(house, *lines).splitlines()


def rate(house: House, **values: str) -> None:
    for uri, value in zip(URIS, values.values(), strict=False):
        assert told(house, f'sticker set song "{uri}" rating "{value}"') == ["OK"]


def test_what_is_set_is_got_and_listed(house: House) -> None:
    assert told(house, 'sticker set song a/1.flac rating "5 stars"') == ["OK"]
    assert told(house, "sticker set song a/1.flac mood a=b") == ["OK"]
    assert told(house, "sticker get song a/1.flac rating") == ["sticker: rating=5 stars", "OK"]
    assert told(house, "sticker list song a/1.flac") == [
        "sticker: mood=a=b", "sticker: rating=5 stars", "OK",
    ]  # fmt: skip
    assert told(house, "sticker list song a/2.flac") == ["OK"]


def test_what_is_deleted_is_gone(house: House) -> None:
    for name in ("x", "y", "z"):
        told(house, f"sticker set song b.flac {name} 1")
    assert told(house, "sticker delete song b.flac y") == ["OK"]
    assert told(house, "sticker list song b.flac") == ["sticker: x=1", "sticker: z=1", "OK"]
    assert told(house, "sticker delete song b.flac") == ["OK"]
    assert told(house, "sticker list song b.flac") == ["OK"]


def test_numbers_are_counted(house: House) -> None:
    for action, value in (("inc", 5), ("inc", 2), ("dec", 10)):
        assert told(house, f"sticker {action} song b.flac n {value}") == ["OK"]
    assert told(house, "sticker get song b.flac n") == ["sticker: n=-3", "OK"]
    assert told(house, "sticker dec song b.flac m 4") == ["OK"]
    assert told(house, "sticker get song b.flac m") == ["sticker: m=4", "OK"]


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ('"" rating', ["a/1.flac=5", "a/2.flac=10", "a_/3.flac=7", "b.flac=70"]),
        ("a rating", ["a/1.flac=5", "a/2.flac=10"]),
        ('"" rating eq 7', ["a_/3.flac=7"]),
        ('"" rating lt 10', ["a/1.flac=5", "a_/3.flac=7"]),
        ('"" rating gt 9', ["a/2.flac=10", "b.flac=70"]),
        ('"" rating contains 0', ["a/2.flac=10", "b.flac=70"]),
        ('"" rating starts_with 7', ["a_/3.flac=7", "b.flac=70"]),
        ('"" rating sort -uri', ["b.flac=70", "a_/3.flac=7", "a/2.flac=10", "a/1.flac=5"]),
        ('"" rating sort value', ["a/2.flac=10", "a/1.flac=5", "a_/3.flac=7", "b.flac=70"]),
        ('"" rating sort -value_int', ["b.flac=70", "a/2.flac=10", "a_/3.flac=7", "a/1.flac=5"]),
        ('"" rating window 1:3', ["a/2.flac=10", "a_/3.flac=7"]),
        ('"" rating window 3:', ["b.flac=70"]),
        ('"" rating window 9:', []),
        ('"" rating gt 5 sort -value_int window 0:2', ["b.flac=70", "a/2.flac=10"]),
        ('"" nosuch', []),
    ],
)
def test_songs_are_found_by_their_stickers(house: House, rest: str, found: list[str]) -> None:
    rate(house, one="5", two="10", three="7", four="70")
    expected = [
        line
        for uri, _, value in (each.partition("=") for each in found)
        for line in (f"file: {uri}", f"sticker: rating={value}")
    ]
    assert told(house, f"sticker find song {rest}") == [*expected, "OK"]


def test_a_song_that_is_gone_is_not_found_and_does_not_count_in_a_window(
    house: House, tmp_path: Path
) -> None:
    house.music = tmp_path / "other"
    write_songs(house.music)
    rate(house, one="1", two="2", three="3", four="4")
    (house.music / URIS[0]).unlink()
    assert told(house, 'sticker find song "" rating window 0:2') == [
        "file: a/2.flac", "sticker: rating=2", "file: a_/3.flac", "sticker: rating=3", "OK",
    ]  # fmt: skip
    assert told(house, "sticker get song a/1.flac rating") == ["ACK [50@0] {sticker} No such song"]
    write_songs(house.music)
    assert told(house, "sticker get song a/1.flac rating") == ["sticker: rating=1", "OK"]


def test_many_songs_are_found_page_by_page(house: House, tmp_path: Path) -> None:
    house.music = tmp_path / "many"
    house.music.mkdir()
    make(house.music / "0000.flac", noise(4_410), Codec.FLAC16, None)
    for number in range(450):
        if number:
            (house.music / f"{number:04}.flac").hardlink_to(house.music / "0000.flac")
        told(house, f"sticker set song {number:04}.flac n {number}")
    lines = told(house, 'sticker find song "" n window 150:420')
    assert lines[1::2] == [f"sticker: n={number}" for number in range(150, 420)]
    assert len(lines) == 2 * 270 + 1


def test_playlists_tags_and_filters_have_stickers_too(house: House) -> None:
    told(house, "playlistadd mix b.flac")
    for kind, name, key in (
        ("playlist", "mix", "playlist"),
        ("artist", "Ärz", "Artist"),
        ("filter", "(artist == 'Ben')", "filter"),
    ):
        assert told(house, f'sticker set {kind} "{name}" rating 3') == ["OK"]
        assert told(house, f'sticker get {kind} "{name}" rating') == ["sticker: rating=3", "OK"]
        assert told(house, f'sticker find {kind} "" rating') == [
            f"{key}: {name}", "sticker: rating=3", "OK",
        ]  # fmt: skip
    assert told(house, "stickernames") == ["name: rating", "OK"]
    assert told(house, "stickernamestypes artist") == ["name: rating", "type: Artist", "OK"]
    assert told(house, "stickernamestypes") == [
        "name: rating", "type: Artist", "name: rating", "type: filter",
        "name: rating", "type: playlist", "OK",
    ]  # fmt: skip
    told(house, "rm mix")
    assert told(house, 'sticker find playlist "" rating') == ["OK"]


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("sticker get song b.flac nosuch", '50 no such sticker: "nosuch"'),
        ("sticker delete song b.flac nosuch", '50 no such sticker: "nosuch"'),
        ("sticker delete song b.flac", '50 no stickers found: "b.flac"'),
        ('sticker set song b.flac "" x', "2 empty sticker name"),
        ("sticker inc song b.flac n x", "2 Integer expected: x"),
        ("sticker get playlist nosuch x", "50 No such playlist"),
        ("sticker get artist nosuch x", '50 no such Artist: "nosuch"'),
        ("sticker get filter \"(artist == 'no')\" x", "50 no song matches: \"(artist == 'no')\""),
        ("sticker get filter x y", "2 Incorrect number of filter arguments"),
        ("sticker get comment x y", '2 unknown sticker domain "comment"'),
        ('sticker find song "" x sort nosuch', "2 Unknown sort tag"),
        ('sticker find song "" x window 3:1', "2 Malformed range: 3:1"),
    ],
)
def test_what_cannot_be_is_refused_in_the_words_of_0_24(
    house: House, line: str, refusal: str
) -> None:
    code, _, text = refusal.partition(" ")
    assert told(house, line) == [f"ACK [{code}@0] {{sticker}} {text}"]


def test_clients_that_wait_hear_of_changes_and_only_of_changes(house: House) -> None:
    async def conversation() -> None:
        hub = hub_of(house)
        listener, worker = Talk(hub), Talk(hub)
        await listener.send("idle sticker")
        await worker.ask("sticker delete song b.flac", "sticker get song b.flac x")
        assert listener.heard() == ""
        await worker.ask("sticker inc song b.flac x 1")
        assert listener.heard() == "changed: sticker\nOK\n"

    run(conversation())


def test_ok_waits_for_the_disk(house: House) -> None:
    async def conversation() -> None:
        house.storage.is_slow = True
        talk = Talk(hub_of(house))
        setting = asyncio.create_task(talk.send("sticker set song b.flac rating 5"))
        await house.storage.told.wait()
        assert talk.heard() == ""
        house.storage.flushes[0].done()
        await setting
        assert talk.heard() == "OK\n"
        await talk.send("sticker get song b.flac rating")
        assert len(house.storage.flushes) == 1  # reading waits for nothing

    run(conversation())


class Broken(StickerReader):
    """A database that cannot be read."""

    def names(self) -> list[str]:
        raise StorageError("the disk reports an error")


def test_a_database_that_cannot_be_read_is_told(house: House, tmp_path: Path) -> None:
    house.stickers = Broken(tmp_path / "absent")
    assert told(house, "stickernames") == [
        "ACK [52@0] {stickernames} Stickers cannot be read: the disk reports an error"
    ]


def test_without_a_database_there_are_no_stickers(music: Path) -> None:
    assert told(House(music=music), "sticker list song b.flac") == [
        'ACK [5@0] {} unknown command "sticker"'
    ]


BESIDE = [
    "sticker set song a/1.flac rating 5", "sticker set song a/2.flac rating 10",
    "sticker set song b.flac rating 7", 'sticker set song b.flac "a b" "c d"',
    'sticker set song b.flac e ""', "sticker list song b.flac", "sticker get song b.flac rating",
    'sticker find song "" rating', "sticker find song a rating", "sticker find song a/ rating",
    "sticker find song nosuch rating", 'sticker find song "" rating < 7',
    'sticker find song "" rating > 5', 'sticker find song "" rating = 5',
    'sticker find song "" rating =', 'sticker find song "" rating foo 5',
    'sticker find song "" rating = 5 x', "sticker find song ../x rating", "sticker foo song b.flac",
    "sticker", "sticker get song", "sticker get song x", "sticker get song b.flac rating x",
    "sticker set song b.flac rating", "sticker list song b.flac x", "sticker get song no rating",
    'sticker get song "" rating', "sticker get song a rating", "sticker set song /b.flac x y",
    "sticker set song a//1.flac x y", "sticker set song http://x/y x y", "sticker delete song no",
    "sticker delete song b.flac e", "sticker list song b.flac", "sticker delete song b.flac",
    "sticker list song b.flac",
]  # fmt: skip


def test_answers_are_mpds(house: House, tmp_path: Path) -> None:
    (tmp_path / "mpd").mkdir()
    with running_mpd(tmp_path / "mpd", ()) as mpd:
        write_songs(tmp_path / "mpd" / "music")
        update(mpd)
        for line in BESIDE:
            pairs, end = mpd.send(line)
            assert told(house, line) == [*(f"{key}: {value}" for key, value in pairs), end], line


def update(mpd: MpdClient) -> None:
    mpd.send("update")
    while "updating_db" in mpd.status():
        mpd.send("idle update")

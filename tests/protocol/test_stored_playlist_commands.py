"""Commands over stored playlists: what they answer, what they leave on disk, whom they wake."""

from __future__ import annotations

from pathlib import Path

import pytest

from actors.messages import AddSongs
from playback.song import Song
from tests.protocol.talk import House, Talk, asked, entries, hub_of, run
from tests.sounds import Codec, make, noise


@pytest.fixture(name="house")
def fixture_house(tmp_path: Path) -> House:
    """Two songs in the music directory, three in the queue, and a playlist ``old``."""
    for name in ("1", "2"):
        (tmp_path / "music").mkdir(exist_ok=True)
        make(tmp_path / "music" / f"{name}.flac", noise(4_410), Codec.FLAC16, title=name)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "old.m3u").write_text("1.flac\n2.flac\ngone.flac\nhttp://radio/x\n")
    house = House(music=tmp_path / "music", playlists=tmp_path / "lists")
    house.show(entries=entries(Song("2.flac"), Song("1.flac"), Song("http://radio/x")))
    return house


def lines_of(house: House, name: str) -> list[str]:
    assert house.playlists is not None
    return (house.playlists / f"{name}.m3u").read_text().splitlines()


QUEUE = ["2.flac", "1.flac", "http://radio/x"]
OLD = ["1.flac", "2.flac", "gone.flac", "http://radio/x"]


@pytest.mark.parametrize(
    ("line", "name", "held"),
    [
        ("save new", "new", QUEUE),
        ("save new create", "new", QUEUE),
        ("save old append", "old", OLD + QUEUE),
        ("save old replace", "old", QUEUE),
        ("rename old new", "new", OLD),
        ("playlistclear old", "old", []),
        ("playlistadd old 2.flac", "old", [*OLD, "2.flac"]),
        ("playlistadd old 2.flac 1", "old", [OLD[0], "2.flac", *OLD[1:]]),
        ("playlistadd new /", "new", ["1.flac", "2.flac"]),
        ("playlistadd new http://x/y", "new", ["http://x/y"]),
        ("searchaddpl old title 1 position 0", "old", ["1.flac", *OLD]),
        ("playlistdelete old 1", "old", [OLD[0], *OLD[2:]]),
        ("playlistdelete old 1:3", "old", [OLD[0], OLD[3]]),
        ("playlistdelete old 2:", "old", OLD[:2]),
        ("playlistmove old 0 2", "old", [OLD[1], OLD[2], OLD[0], OLD[3]]),
        ("playlistmove old 1:3 0", "old", [OLD[1], OLD[2], OLD[0], OLD[3]]),
    ],
)
def test_an_edit_is_on_disk_and_told(line: str, name: str, held: list[str], house: House) -> None:
    async def conversation() -> tuple[str, str]:
        hub = hub_of(house)
        listener, talk = Talk(hub), Talk(hub)
        await listener.send("idle stored_playlist")
        return await talk.ask(line), listener.heard()

    assert run(conversation()) == ("OK\n", "changed: stored_playlist\nOK\n")
    assert lines_of(house, name) == held


@pytest.mark.parametrize(
    ("line", "ack"),
    [
        ("save old", "[56@0] {save} Playlist already exists"),
        ("save new append", "[50@0] {save} No such playlist"),
        ("rm new", "[50@0] {rm} No such playlist"),
        ("rename new x", "[50@0] {rename} No such playlist"),
        ("rename old old", "[56@0] {rename} Playlist exists already"),
        ("playlistadd old absent", "[50@0] {playlistadd} No such directory"),
        ("playlistadd old 1.flac 9", "[2@0] {playlistadd} Bad position"),
        ("playlistdelete old 5", "[2@0] {playlistdelete} Bad song index"),
        ("playlistmove old 0 9", "[2@0] {playlistmove} Bad range"),
        ("playlistmove old 99 0", "[2@0] {playlistmove} Bad song index"),
        ('save ""', "[2@0] {save} Bad playlist name"),
        ("save a/b", "[2@0] {save} Bad playlist name"),
        ("rm a/b", "[2@0] {rm} Bad playlist name"),
        ("rename old a/b", "[2@0] {rename} Bad playlist name"),
        ("playlistadd a/b 1.flac", "[2@0] {playlistadd} Bad playlist name"),
        ("load a/b", "[50@0] {load} No such playlist"),
        ("listplaylist a/b", "[50@0] {listplaylist} No such playlist"),
        ("load new 0: 9", "[2@0] {load} Number too large: 9"),
        ("load new 0: +0", "[55@0] {load} No current song"),
        ("load new", "[50@0] {load} No such playlist"),
        ("listplaylist new", "[50@0] {listplaylist} No such playlist"),
        (f"listplaylist {'x' * 300}", "[52@0] {listplaylist} Stored playlist: File name too long"),
        (f"save {'x' * 300}", "[52@0] {save} Stored playlist: File name too long"),
    ],
)
def test_a_refused_edit_changes_nothing(line: str, ack: str, house: House) -> None:
    assert asked(house, line) == f"ACK {ack}\n"
    assert lines_of(house, "old") == OLD
    assert house.playlists is not None
    assert [path.name for path in house.playlists.iterdir()] == ["old.m3u"]


def test_playlists_are_shown(house: House) -> None:
    listed = asked(house, "listplaylists")
    assert listed.startswith("playlist: old\nLast-Modified: 20")
    assert asked(house, "listplaylist old 1:3") == "file: 2.flac\nfile: gone.flac\nOK\n"
    shown = asked(house, "listplaylistinfo old")
    assert "file: 1.flac\nLast-Modified: " in shown
    assert shown.endswith("file: gone.flac\nfile: http://radio/x\nOK\n")
    assert asked(house, "playlistlength old") == "songs: 4\nplaytime: 0\nOK\n"


def test_the_root_shows_playlists_unless_a_client_wants_them_hidden(house: House) -> None:
    assert "playlist: old\n" in asked(house, "lsinfo")
    hidden = asked(house, "protocol enable hide_playlists_in_root", "lsinfo")
    assert "playlist: old\n" not in hidden


@pytest.mark.parametrize(
    ("words", "positions"),
    [
        ("title 1", [0]),
        ("file FLAC", [0, 1, 2]),
        ("file flac window 1:2", [1]),
        ("\"(file starts_with 'http')\"", [3]),
        ("title nosuch", []),
    ],
)
def test_playlists_are_searched(words: str, positions: list[int], house: House) -> None:
    shown = asked(house, f"searchplaylist old {words}").splitlines()
    assert [int(line[5:]) for line in shown if line.startswith("Pos: ")] == positions
    assert shown[-1] == "OK"


def test_what_is_loaded_is_what_is_still_there(house: House) -> None:
    assert asked(house, "load old") == "OK\n"
    (added,) = house.queue.asked
    assert isinstance(added, AddSongs)
    assert [song.uri for song in added.songs] == ["1.flac", "2.flac", "http://radio/x"]
    assert added.songs[0].values("Title") == ("1",)
    assert added.playlist == "old"


def test_a_playlist_file_in_the_music_directory_is_read_by_its_uri(house: House) -> None:
    (house.music / "sub").mkdir()
    (house.music / "sub" / "mix.m3u").write_text("../2.flac\n")
    assert asked(house, "listplaylist sub/mix.m3u") == "file: 2.flac\nOK\n"
    assert asked(house, "load sub/mix.m3u") == "OK\n"
    (added,) = house.queue.asked
    assert isinstance(added, AddSongs)
    assert [song.uri for song in added.songs] == ["2.flac"]


def test_without_a_place_for_them_there_are_no_playlists() -> None:
    assert asked(House(), "save x") == 'ACK [5@0] {} unknown command "save"\n'
    assert asked(House(), "listplaylists") == "OK\n"

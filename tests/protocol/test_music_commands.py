"""Commands over the music directory, with real files."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.messages import AddSongs, Done
from library.music_directory import Statistics
from playback.insertion import InsertAt
from playback.song import Song
from playback.units import EntryId
from protocol.hub import Hub
from tests.protocol.talk import House, Talk, asked, entries, hub_of, run
from tests.sounds import Codec, make, noise

MTIME = 1_577_836_800
STAMP = "Last-Modified: 2020-01-01T00:00:00Z"


def song_block(uri: str, title: str) -> str:
    return (
        f"file: {uri}\n{STAMP}\nFormat: 44100:16:2\nArtist: Player\nTitle: {title}\n"
        "Time: 1\nduration: 1.000\n"
    )


@pytest.fixture(name="music")
def fixture_music(tmp_path: Path) -> Path:
    """A root song, an album of two, a playlist, a text, an empty directory."""
    root = tmp_path / "music"
    for uri, title in (("root.flac", "Root"), ("album/1.flac", "One"), ("album/2.flac", "Two")):
        (root / uri).parent.mkdir(parents=True, exist_ok=True)
        make(root / uri, noise(44_100), Codec.FLAC16, artist="Player", title=title)
    (root / "lists").mkdir()
    (root / "lists/mix.m3u").write_text("../root.flac\n")
    (root / "album/notes.txt").write_text("no music")
    (root / "empty").mkdir()
    for path in (*root.rglob("*"), root):
        os.utime(path, (MTIME, MTIME))
    return root


def test_a_listing_holds_songs_playlists_and_directories_with_music(music: Path) -> None:
    house = House(music=music)
    root = (
        f"{song_block('root.flac', 'Root')}directory: album\n{STAMP}\ndirectory: lists\n{STAMP}\n"
    )
    for line in ("lsinfo", 'lsinfo ""', "lsinfo /"):
        assert asked(house, line) == f"{root}OK\n"
    assert asked(house, "lsinfo lists") == f"playlist: lists/mix.m3u\n{STAMP}\nOK\n"
    assert asked(house, "lsinfo album/1.flac") == song_block("album/1.flac", "One") + "OK\n"


def test_everything_below_is_named_or_shown(music: Path) -> None:
    house = House(music=music)
    assert asked(house, "listall") == (
        "file: root.flac\ndirectory: album\nfile: album/1.flac\nfile: album/2.flac\n"
        "directory: lists\nplaylist: lists/mix.m3u\nOK\n"
    )
    assert asked(house, "listall album") == (
        "directory: album\nfile: album/1.flac\nfile: album/2.flac\nOK\n"
    )
    assert asked(house, "listall root.flac") == "file: root.flac\nOK\n"
    assert asked(house, "listallinfo album") == (
        f"directory: album\n{STAMP}\n{song_block('album/1.flac', 'One')}"
        f"{song_block('album/2.flac', 'Two')}OK\n"
    )


def test_listfiles_names_everything(music: Path) -> None:
    size = (music / "album/1.flac").stat().st_size
    lines = asked(House(music=music), "listfiles album").splitlines()
    records = {lines[index]: lines[index + 1 : index + 3] for index in range(0, len(lines) - 1, 3)}
    assert records["file: notes.txt"] == ["size: 8", STAMP]
    assert records["file: 1.flac"] == [f"size: {size}", STAMP]
    assert f"directory: empty\n{STAMP}\n" in asked(House(music=music), "listfiles")


@pytest.mark.parametrize(
    ("line", "ack"),
    [
        ("lsinfo nope", "[50@0] {lsinfo} No such directory"),
        ("lsinfo album/", "[50@0] {lsinfo} No such directory"),
        ("lsinfo ../music", "[50@0] {lsinfo} No such directory"),
        ("lsinfo album/../album", "[50@0] {lsinfo} No such directory"),
        ("lsinfo ./album", "[50@0] {lsinfo} No such directory"),
        ("lsinfo album/notes.txt", "[50@0] {lsinfo} No such directory"),
        ("lsinfo /etc", "[4@0] {lsinfo} Access denied"),
        ("lsinfo mpd-client://cantata/2.x", "[2@0] {lsinfo} Unsupported URI scheme"),
        ("listall nope", "[50@0] {listall} No such directory"),
        ("listall /album", "[50@0] {listall} No such directory"),
        ("listallinfo ../x", "[50@0] {listallinfo} No such directory"),
        ("listfiles /", "[4@0] {listfiles} Access denied"),
        ("listfiles x://y/", "[2@0] {listfiles} Unsupported URI scheme"),
        ("update ../x", "[2@0] {update} Malformed path"),
        ("update /abs", "[2@0] {update} Malformed path"),
        ("update album/", "[2@0] {update} Malformed path"),
        ("rescan a//b", "[2@0] {rescan} Malformed path"),
        ("add nope", "[50@0] {add} No such directory"),
        ("lsinfo empty", "[50@0] {lsinfo} No such directory"),
        ("add ../music/root.flac", "[50@0] {add} No such directory"),
        ("add root.flac x", "[2@0] {add} Integer expected: x"),
        ("add nope 1", "[2@0] {add} Number too large: 1"),
        ("add nope +0", "[55@0] {add} No current song"),
        ("addid nope 1", "[2@0] {addid} Number too large: 1"),
        ("findadd title nope position 1", "[2@0] {findadd} Number too large: 1"),
        ("searchadd title nope position -0", "[55@0] {searchadd} No current song"),
        ("add /etc/passwd", "[4@0] {add} Access denied"),
        ("add foo://x", "[2@0] {add} Unsupported URI scheme"),
        ("add file://", "[2@0] {add} Malformed file:// URI"),
        ("add file:///etc/passwd", "[4@0] {add} Access denied"),
        ("addid nope", "[50@0] {addid} No such song"),
        ("addid album", "[50@0] {addid} No such song"),
        ('addid ""', "[50@0] {addid} No such song"),
        ("addid foo://x", "[2@0] {addid} Unsupported URI scheme"),
    ],
)
def test_what_is_not_there_or_not_allowed_is_refused(line: str, ack: str, music: Path) -> None:
    house = House(music=music)
    assert asked(house, line) == f"ACK {ack}\n"
    assert house.queue.asked == []


def test_listfiles_says_why_it_cannot(music: Path) -> None:
    assert asked(House(music=music), "listfiles nope") == (
        f"ACK [52@0] {{listfiles}} Failed to open {music}/nope: No such file or directory\n"
    )


def added(house: House, line: str, *, is_local: bool = False) -> tuple[list[str], InsertAt | None]:
    house.queue.answer = Done((EntryId(41),))
    house.show(entries=entries(*(Song(f"{number}.flac") for number in range(9))), current=4)
    assert asked(house, line, is_local=is_local).endswith("OK\n")
    (message,) = house.queue.asked
    assert isinstance(message, AddSongs)
    return [song.uri for song in message.songs], message.at


ROOT = ["root.flac", "album/1.flac", "album/2.flac"]


@pytest.mark.parametrize(
    ("line", "uris", "at"),
    [
        ("add root.flac", ["root.flac"], None),
        ("add root.flac 0", ["root.flac"], InsertAt(0)),
        ("add album", ["album/1.flac", "album/2.flac"], None),
        ("add album +1", ["album/1.flac", "album/2.flac"], InsertAt(1, "+")),
        ('add ""', ROOT, None),
        ("add /", ROOT, None),
        ("add empty", [], None),
        ("add http://host:9/x", ["http://host:9/x"], None),
        ("add HTTP://host:9/x", ["HTTP://host:9/x"], None),
        ("addid album/2.flac -0", ["album/2.flac"], InsertAt(0, "-")),
    ],
)
def test_songs_are_added(line: str, uris: list[str], at: InsertAt | None, music: Path) -> None:
    assert added(House(music=music), line) == (uris, at)


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_absolute_paths_inside_the_music_directory_become_its_uris(
    scheme: str, music: Path
) -> None:
    assert added(House(music=music), f'add "{scheme}{music}/root.flac"')[0] == ["root.flac"]


def test_a_local_client_may_add_a_file_from_anywhere(music: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copy(music / "root.flac", tmp_path / "elsewhere.flac")
    house = House(music=music)
    assert asked(house, f"add {elsewhere}") == "ACK [4@0] {add} Access denied\n"
    assert added(house, f"add {elsewhere}", is_local=True)[0] == [str(elsewhere)]
    missing = asked(House(music=music), f"addid {tmp_path}/no.flac", is_local=True)
    assert missing == "ACK [50@0] {addid} No such song\n"


def test_a_song_is_added_with_all_that_is_known_of_it(music: Path) -> None:
    house = House(music=music)
    added(house, "add root.flac")
    (message,) = house.queue.asked
    assert isinstance(message, AddSongs)
    assert message.songs == (
        Song(
            "root.flac",
            duration_s=1.0,
            tags=(("Artist", "Player"), ("Title", "Root")),
            last_modified=MTIME,
            audio_format="44100:16:2",
        ),
    )


def test_addid_tells_the_id(music: Path) -> None:
    house = House(music=music)
    house.queue.answer = Done((EntryId(41),))
    assert asked(house, "addid root.flac") == "Id: 41\nOK\n"


def test_songs_are_found_by_pairs(music: Path) -> None:
    house = House(music=music)
    assert asked(house, "find title One") == song_block("album/1.flac", "One") + "OK\n"
    assert asked(house, "search title TW") == song_block("album/2.flac", "Two") + "OK\n"
    assert asked(house, "find title one") == "OK\n"


# Update jobs


def told(talk: Talk) -> Callable[[], asyncio.Future[str]]:
    """Return a function that waits for what the idling client is told."""

    async def next_news() -> str:
        talk.told.clear()
        if not talk.said:
            await talk.told.wait()
        return talk.heard()

    return lambda: asyncio.ensure_future(next_news())


@pytest.mark.parametrize("group", ["(", "(!"])
def test_an_expression_may_be_nested_deeply_and_not_without_end(group: str, music: Path) -> None:
    def count(depth: int) -> str:
        groups = group * (depth - 1), ")" * (depth - 1)
        return asked(House(music=music), f"count \"{groups[0]}(artist == 'x'){groups[1]}\"")

    assert count(99).endswith("OK\n")
    assert count(100).endswith("OK\n")
    refusal = "ACK [2@0] {count} Expression is nested more than 100 deep\n"
    assert count(101) == refusal
    assert count(20_000) == refusal


def test_both_ends_of_a_job_are_told_and_the_status_shows_it(music: Path) -> None:
    async def conversation() -> None:
        hub = hub_of(House(music=music))
        listener, talk = Talk(hub), Talk(hub)
        news = told(listener)
        await listener.send("idle update")
        assert await talk.ask("update") == "updating_db: 1\nOK\n"
        assert "updating_db: 1\n" in await talk.ask("status")
        assert await news() == "changed: update\nOK\n"
        await listener.send("idle update")
        assert await news() == "changed: update\nOK\n"
        assert "updating_db" not in await talk.ask("status")
        assert await talk.ask("update album") == "updating_db: 2\nOK\n"

    run(conversation())


def test_the_database_is_news_only_if_it_has_changed(music: Path) -> None:
    async def conversation() -> None:
        hub = hub_of(House(music=music))
        listener, talk = Talk(hub), Talk(hub)
        news = told(listener)

        async def update() -> str:
            await listener.send("idle update")
            await talk.ask("update")
            assert await news() == "changed: update\nOK\n"
            await listener.send("idle update database")
            return await news()

        await talk.ask("stats")
        assert await update() == "changed: update\nOK\n"
        shutil.copy(music / "root.flac", music / "new.flac")
        assert await update() == "changed: database\nchanged: update\nOK\n"
        os.utime(music / "new.flac", (5, 5))
        assert await update() == "changed: database\nchanged: update\nOK\n"

    run(conversation())


def test_a_job_asked_for_while_one_runs_follows_it(
    music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(music=music)
    gate, started, runs = threading.Event(), threading.Event(), 0

    def slow() -> Statistics:
        nonlocal runs
        runs += 1
        started.set()
        assert gate.wait(10)
        return Statistics(0, 0, 0, 0.0)

    async def conversation() -> None:
        hub = hub_of(house)
        monkeypatch.setattr(hub.services.music, "statistics", slow)
        listener, talk = Talk(hub), Talk(hub)
        news = told(listener)
        await listener.send("idle update")
        assert await talk.ask("update") == "updating_db: 1\nOK\n"
        assert await asyncio.to_thread(started.wait, 10)
        assert await talk.ask("update", "rescan") == "updating_db: 2\nOK\nupdating_db: 3\nOK\n"
        assert await news() == "changed: update\nOK\n"
        await listener.send("idle update")
        gate.set()
        assert await news() == "changed: update\nOK\n"
        assert runs == 2

    run(conversation())


def test_a_library_that_cannot_be_read_ends_the_job_all_the_same(
    music: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Statistics:
        raise OSError("the disk is gone")

    async def conversation() -> None:
        hub = hub_of(House(music=music))
        monkeypatch.setattr(hub.services.music, "statistics", broken)
        listener, talk = Talk(hub), Talk(hub)
        news = told(listener)
        await listener.send("idle update")
        await talk.ask("update")
        assert await news()
        await listener.send("idle update")
        assert await news() == "changed: update\nOK\n"

    run(conversation())
    assert "the disk is gone" in caplog.text


def test_rescan_reads_even_what_looks_unchanged(music: Path) -> None:
    path = music / "root.flac"
    before = path.stat()

    async def conversation() -> None:
        talk = Talk(hub_of(House(music=music)))
        assert "Title: Root\n" in await talk.ask("lsinfo root.flac")
        make(path, noise(44_100), Codec.FLAC16, artist="Player", title="Riot")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert path.stat().st_size == before.st_size
        assert "Title: Root\n" in await talk.ask("lsinfo root.flac")
        await talk.ask("rescan")
        assert "Title: Riot\n" in await talk.ask("lsinfo root.flac")
        await until_idle(talk.hub)

    run(conversation())


async def until_idle(hub: Hub) -> None:
    """Let a job that runs come to its end."""
    listener = Talk(hub)
    if hub.updates.running is not None:
        await listener.send("idle update")
        await told(listener)()


def test_stats_count_the_library(music: Path) -> None:
    lines = asked(House(music=music), "stats").splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "uptime", "playtime", "artists", "albums", "songs", "db_playtime", "db_update", "OK",
    ]  # fmt: skip
    assert lines[0] == "uptime: 1"
    assert lines[2:6] == ["artists: 1", "albums: 0", "songs: 3", "db_playtime: 3"]


def test_stats_do_not_wait_for_a_large_library(
    music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def slow() -> Statistics:
        assert gate.wait(10)
        return Statistics(7, 1, 1, 1.0)

    async def conversation() -> None:
        monkeypatch.setattr("protocol.updates.PATIENCE_S", 0.01)
        hub = hub_of(House(music=music))
        monkeypatch.setattr(hub.services.music, "statistics", slow)
        talk = Talk(hub)
        assert "songs: 0\n" in await talk.ask("stats")
        gate.set()
        monkeypatch.setattr("protocol.updates.PATIENCE_S", 10)
        assert "songs: 7\n" in await talk.ask("stats")

    run(conversation())


def test_a_missing_music_directory_is_an_empty_one(tmp_path: Path) -> None:
    house = House(music=tmp_path / "not mounted")
    assert "songs: 0\n" in asked(house, "stats")
    assert asked(house, "lsinfo") == "ACK [50@0] {lsinfo} No such directory\n"

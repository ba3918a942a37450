"""The library that scripts and Home Assistant use: one call after the other, and pipelined."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import mpd
import mpd.asyncio
import mutagen
import mutagen.flac
import pytest

from tests.daemon import Daemon
from tests.mpd_server import MpdClient
from tests.sounds import Codec, make, sine
from tests.waiting import PATIENCE_S, until

TITLES = ("One", "Two", "Three")

formats: Any = mutagen  # its modules are typed in part only


@pytest.fixture(autouse=True)
def _music(daemon: Daemon) -> None:
    for number, title in enumerate(TITLES, 1):
        tone = sine(40 * 8_000, 8_000, hz=200 + 50 * number, channels=1)
        make(
            daemon.music / f"{number}.flac", tone, Codec.FLAC16, 8_000,
            title=title, artist="Band", album="Record", track=str(number),
        )  # fmt: skip


@pytest.fixture
def client(daemon: Daemon) -> Iterator[Any]:
    connected = mpd.MPDClient()
    connected.timeout = PATIENCE_S
    connected.connect("127.0.0.1", daemon.port)
    yield connected
    connected.close()
    connected.disconnect()


def test_every_answer_has_the_shape_the_library_expects(client: Any) -> None:
    assert client.mpd_version == "0.24.0"
    assert client.add("") is None
    assert int(client.addid("1.flac")) == 4
    songs = client.playlistinfo()
    assert [song["file"] for song in songs] == ["1.flac", "2.flac", "3.flac", "1.flac"]
    assert songs[1].pop("last-modified")
    assert songs[1] == {
        "file": "2.flac", "title": "Two", "artist": "Band", "album": "Record", "track": "2",
        "time": "40", "duration": "40.000", "format": "8000:16:1", "pos": "1", "id": "2",
    }  # fmt: skip
    assert client.play(1) is None
    until(lambda: float(client.status()["elapsed"]) > 0, "it plays")
    status = client.status()
    assert (status["state"], status["song"], status["songid"]) == ("play", "1", "2")
    assert (status["nextsong"], status["nextsongid"], status["duration"]) == ("2", "3", "40.000")
    assert client.currentsong()["title"] == "Two"
    assert client.playlistid(3)[0]["title"] == "Three"
    assert [change["id"] for change in client.plchangesposid(0)] == ["1", "2", "3", "4"]
    assert client.outputs()[0]["outputname"] == "Sound"
    assert client.replay_gain_status() == "off"
    assert client.listplaylists() == []
    assert [song["file"] for song in client.listall()] == ["1.flac", "2.flac", "3.flac"]
    assert [song["file"] for song in client.find("title", "Two")] == ["2.flac"]
    assert set(client.commands()) >= {"play", "idle", "status"}
    assert int(client.stats()["songs"]) == 3
    assert client.update() == "1"
    with pytest.raises(mpd.CommandError, match="Bad song index") as refused:
        client.play(99)
    assert refused.value.errno is mpd.FailureResponseCode.ARG
    client.command_list_ok_begin()
    client.status()
    client.currentsong()
    client.setvol(30)
    answers = client.command_list_end()
    assert answers[0]["state"] == "play"
    assert answers[1]["title"] == "Two"
    assert client.status()["volume"] == "30"


COVER = bytes(range(256)) * 100


def test_pictures_are_put_together_from_their_pieces(client: Any, daemon: Daemon) -> None:
    (daemon.music / "cover.jpg").write_bytes(COVER)
    song = formats.flac.FLAC(daemon.music / "1.flac")
    picture = formats.flac.Picture()
    picture.data, picture.mime, picture.type = COVER[::-1], "image/jpeg", 3
    song.add_picture(picture)
    song.save()
    client.binarylimit(1000)
    assert client.albumart("1.flac") == {"binary": COVER}
    assert client.readpicture("1.flac") == {"type": "image/jpeg", "binary": COVER[::-1]}
    assert client.readpicture("2.flac") == {}
    (daemon.music / "cover.jpg").unlink()
    with pytest.raises(mpd.CommandError, match="No file exists") as refused:
        client.albumart("1.flac")
    assert refused.value.errno is mpd.FailureResponseCode.NO_EXIST


def test_stickers_are_kept_found_and_listed(client: Any) -> None:
    assert client.sticker_set("song", "1.flac", "rating", "8") is None
    client.sticker_set("song", "2.flac", "rating", "a=b")
    assert client.sticker_get("song", "1.flac", "rating") == "8"
    assert client.sticker_get("song", "2.flac", "rating") == "a=b"
    assert client.sticker_list("song", "1.flac") == {"rating": "8"}
    assert client.sticker_find("song", "", "rating") == [
        {"file": "1.flac", "sticker": "rating=8"}, {"file": "2.flac", "sticker": "rating=a=b"},
    ]  # fmt: skip
    client.sticker_delete("song", "1.flac", "rating")
    with pytest.raises(mpd.CommandError, match="no such sticker"):
        client.sticker_get("song", "1.flac", "rating")


def test_what_there_is_one_of_is_listed(client: Any) -> None:
    assert client.listpartitions() == [{"partition": "default"}]
    assert client.partition("default") is None
    assert client.listmounts() == [{"mount": ""}]
    with pytest.raises(mpd.CommandError, match="too many partitions"):
        client.newpartition("other")
    with pytest.raises(mpd.CommandError, match="No neighbor plugin"):
        client.listneighbors()


def test_idle_is_left_and_entered_again(client: Any, daemon: Daemon) -> None:
    other = daemon.connect()

    def idle(*subsystems: str, meanwhile: Callable[[], object]) -> list[str]:
        """Let the client idle in a thread while something else happens."""
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(client.idle, *subsystems)
            meanwhile()
            return list(answer.result(PATIENCE_S))

    assert idle("options", meanwhile=lambda: change(other, "setvol 10", "repeat 1")) == ["options"]
    assert client.idle("mixer") == ["mixer"]  # it was not forgotten
    assert client.ping() is None
    assert idle("playlist", meanwhile=lambda: change(other, "add 1.flac")) == ["playlist"]


def change(client: MpdClient, *commands: str) -> None:
    for command in commands:
        assert client.send(command)[1] == "OK"


@asynccontextmanager
async def connected(daemon: Daemon) -> AsyncIterator[Any]:
    client = mpd.asyncio.MPDClient()
    await client.connect("127.0.0.1", daemon.port)
    try:
        yield client
    finally:
        client.disconnect()


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), PATIENCE_S))


def test_home_assistant_leaves_idle_with_each_command(daemon: Daemon) -> None:
    """The library writes ``noidle`` and the next command at once."""

    async def session() -> None:
        async with connected(daemon) as client:
            commands = [command async for command in aiter_of(client.commands())]
            assert "albumart" not in commands or "readpicture" in commands
            changes = client.idle(["database"])
            listening = asyncio.ensure_future(anext(changes))
            await client.add("")
            await client.play()
            for _ in range(20):
                status, song = await asyncio.gather(client.status(), client.currentsong())
                assert status["state"] == "play"
                assert song["title"] == "One"
                for key in ("repeat", "random", "single", "consume", "volume"):
                    assert key in status
                await asyncio.sleep(0)  # lets the library go back to idle
            make(daemon.music / "4.flac", sine(8_000, 8_000), Codec.FLAC16, 8_000)
            await client.update()
            assert await listening == ["database"]

    run(session)


async def aiter_of(answer: Any) -> AsyncIterator[str]:
    for item in await answer if isinstance(answer, Awaitable) else answer:
        yield item


def test_many_pipelined_commands_are_answered_in_their_order(daemon: Daemon) -> None:
    async def session() -> None:
        async with connected(daemon) as client:
            ids = await asyncio.gather(*(client.addid("1.flac") for _ in range(50)))
            assert [int(number) for number in ids] == list(range(1, 51))
            answers = [(client.deleteid(number), client.status()) for number in ids]
            left = await asyncio.gather(*(status for _, status in answers))
            assert [int(status["playlistlength"]) for status in left] == list(range(49, -1, -1))

    run(session)


def test_pictures_come_while_the_client_idles(daemon: Daemon) -> None:
    (daemon.music / "cover.png").write_bytes(COVER)

    async def session() -> None:
        async with connected(daemon) as client:
            changes = client.idle(["sticker"])
            change = asyncio.ensure_future(anext(changes))
            pictures = await asyncio.gather(*(client.albumart("1.flac") for _ in range(3)))
            assert [picture["binary"] for picture in pictures] == [COVER] * 3
            await client.sticker_set("song", "1.flac", "playCount", "1")
            assert list(await change) == ["sticker"]

    run(session)


def test_events_come_while_others_work(daemon: Daemon) -> None:
    async def session() -> None:
        async with connected(daemon) as listener, connected(daemon) as worker:
            changes = listener.idle(["player", "playlist", "mixer"])

            async def heard_after(command: Awaitable[None]) -> list[str]:
                change = asyncio.ensure_future(anext(changes))
                await command
                return list(await change)

            assert await heard_after(worker.add("1.flac")) == ["playlist"]
            assert await heard_after(worker.play()) == ["player"]
            change: set[str] = set()
            while "mixer" not in change:
                change = set(await heard_after(worker.setvol(len(change) + 40)))

    run(session)

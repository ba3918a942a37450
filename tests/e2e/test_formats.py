"""Every format in a whole daemon: listed, queued, played to its end, called by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon import Daemon
from tests.dsd import DSD64_HZ, write_dff, write_dsf
from tests.formats import LOSSLESS, LOSSY, encode, music
from tests.mpd_server import MpdClient
from tests.sounds import Codec, make, noise, sine
from tests.waiting import until

SECONDS = 0.4
RATES_HZ = (8_000, 11_025, 22_050, 32_000, 96_000, 192_000)


def files_of_all_kinds(folder: Path) -> dict[str, str]:
    """Make them; returns what is said of each while it plays, by its name."""
    said: dict[str, str] = {}
    for each in (*LOSSLESS, *LOSSY):
        if each.suffix != "dts":
            each.make(folder, music(round(SECONDS * each.rate_hz), each.rate_hz))
            said[each.file_name] = f"{each.rate_hz}:{each.playing}:2"
    for codec in (Codec.FLAC24, Codec.MP3_LAME, Codec.AAC, Codec.ALAC24, Codec.VORBIS, Codec.OPUS):
        name = f"{codec.name}{codec.suffix.upper()}"
        make(folder / name, noise(round(SECONDS * codec.rate_hz)), codec)
        bits = {"FLAC24": "24", "MP3_LAME": "24", "ALAC24": "24", "OPUS": "16"}
        said[name] = f"{codec.rate_hz}:{bits.get(codec.name, 'f')}:2"
    signal = sine(round(SECONDS * DSD64_HZ), DSD64_HZ)
    write_dsf(folder / "dsd.dsf", signal)
    write_dff(folder / "dsd.dff", signal)
    said |= {"dsd.dsf": "dsd64:2", "dsd.dff": "dsd64:2"}
    for rate_hz in RATES_HZ:
        make(folder / f"{rate_hz}.flac", noise(round(SECONDS * rate_hz)), Codec.FLAC16, rate_hz)
        said[f"{rate_hz}.flac"] = f"{rate_hz}:16:2"
    for layout, channels in (("5.1", 6), ("7.1", 8)):
        for suffix, arguments in ((".wav", "pcm_s16le"), (".aiff", "pcm_s16be")):
            played = noise(round(SECONDS * 48_000), channels=channels)
            path = folder / f"{layout}{suffix}"
            encode(path, played, ("-c:a", arguments), 48_000, layout=layout)
            said[path.name] = f"48000:16:{channels}"
    return said


def listed(client: MpdClient) -> dict[str, dict[str, str]]:
    songs: dict[str, dict[str, str]] = {}
    for key, value in client.send("lsinfo")[0]:
        if key == "file":
            songs[value] = {}
        elif songs:
            songs[next(reversed(songs))][key] = value
    return songs


@pytest.mark.timeout(120)
def test_all_formats_are_listed_and_play_one_after_the_other(daemon: Daemon) -> None:
    said = files_of_all_kinds(daemon.music)
    client = daemon.connect()
    songs = listed(client)
    assert songs.keys() == said.keys()
    for song in songs.values():
        assert song["Time"] == "0" or song["Time"] == "1"
        assert song["Format"]
    suffixes = {value for key, value in client.send("decoders")[0] if key == "suffix"}
    assert {name.rpartition(".")[2].lower() for name in said} <= suffixes
    for name in said:
        assert client.send(f'add "{name}"') == ([], "OK")
    heard: dict[str, str] = {}
    watcher = daemon.connect()
    assert client.send("play") == ([], "OK")

    def over() -> bool:
        status = watcher.status()
        current = dict(watcher.send("currentsong")[0])
        if "audio" in status and current and watcher.status().get("songid") == status["songid"]:
            heard[current["file"]] = status["audio"]
        return status["state"] == "stop"

    until(over, "everything has been played", 100)
    assert heard == said
    assert "error" not in client.status()
    assert daemon.metric("wkmp_decode_failures_total") == 0
    assert " WARNING " not in daemon.log
    assert " ERROR " not in daemon.log

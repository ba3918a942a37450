"""What comes out of the loudspeaker, recorded behind a sound server and compared with the sum.

PulseAudio swallows the first instants of a stream, so each queue begins with silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.daemon import running_daemon
from tests.e2e.listening import (
    Recording,
    largest_error,
    largest_step,
    level_difference_db,
    longest_silence,
    where,
)
from tests.e2e.reference_mix import RATE_HZ, Piece, mix
from tests.pulse import PulseServer
from tests.sounds import Codec
from tests.waiting import until

LEAD = Piece("lead", Codec.WAV16, tenths=12, level=0.0)
MILLISECOND = RATE_HZ // 1000
ATTEMPTS = 3

MIXED = (
    LEAD,
    Piece("flac", Codec.FLAC16, tenths=22),
    Piece("wav-mono", Codec.WAV16, channels=1, tenths=22, low_hz=300, high_hz=3000),
    Piece("mp3", Codec.MP3_LAME, tenths=16, low_hz=250, high_hz=3500),
    Piece("flac-96k", Codec.FLAC24, 96_000, tenths=16, high_hz=5000),
    Piece("aac", Codec.AAC, tenths=16, low_hz=150, high_hz=3000),
    Piece("alac", Codec.ALAC16, tenths=22, low_hz=400, high_hz=2500),
    Piece("vorbis-48k", Codec.VORBIS, 48_000, tenths=16, low_hz=220, high_hz=4200),
    Piece("opus", Codec.OPUS, 48_000, tenths=16, low_hz=310, high_hz=3300),
    Piece("wav-22k", Codec.WAV16, 22_050, channels=1, tenths=16, low_hz=180, high_hz=2200),
    Piece("mp3-32k", Codec.MP3_LAME, 32_000, channels=1, tenths=16, low_hz=260, high_hz=2600),
    Piece("flac-48k", Codec.FLAC16, 48_000, channels=1, tenths=16, low_hz=330, high_hz=3600),
    Piece("wav-float", Codec.WAV_FLOAT, 88_200, tenths=16, low_hz=210, high_hz=4400),
)  # fmt: skip


def play(folder: Path, pulse: PulseServer, pieces: Sequence[Piece], crossfade_s: int) -> Recording:
    """Play a queue to its end; returns what was heard from its first frame to beyond its last.

    On a machine that is busy with other things, the sound server or the daemon may come too late
    for the sound card. Such a recording cannot be judged, so it is made again, but not for ever.
    """
    with running_daemon(
        folder, environment=pulse.environment, settings={"output": {"plugin": "auto"}}
    ) as daemon:
        assert "the desktop's sound" in daemon.banner
        client = daemon.connect()
        for piece in pieces:
            piece.write(daemon.music)
            assert client.send(f"add {piece.file_name}") == ([], "OK")
        client.send(f"crossfade {crossfade_s}")
        for _ in range(ATTEMPTS):
            pulse.record_anew()
            too_late = daemon.metric("wkmp_xruns_total")
            assert client.send("play") == ([], "OK")
            at_most_s = sum(piece.tenths for piece in pieces) / 10 + 10
            until(lambda: client.status()["state"] == "stop", "the queue has ended", at_most_s)
            pulse.recorder.wait_longer(RATE_HZ // 2)
            if daemon.metric("wkmp_xruns_total") == too_late:
                break
        else:
            raise AssertionError(f"the device ran dry each time:\n{daemon.log}")
        assert daemon.metric("wkmp_underruns_total") == 0
        assert daemon.metric("wkmp_clipped_samples_total") == 0
    return pulse.recorder.frames


def judge(recording: Recording, pieces: Sequence[Piece], crossfade_s: int) -> None:
    """Compare with the reference: place by place, sample by sample, jump by jump."""
    wanted = mix(pieces, crossfade_s)
    first = next(i for i, piece in enumerate(pieces) if piece.exact and piece.level)
    begin = where(recording, pieces[first].samples()[wanted.alone[first]])
    begin -= wanted.starts[first] + wanted.alone[first].start
    for piece, start, alone in zip(pieces, wanted.starts, wanted.alone, strict=True):
        if piece.exact and piece.level:
            at = where(recording, piece.samples()[alone])
            assert at - begin == start + alone.start, f"{piece.name} is not where it belongs"
    heard = recording[begin : begin + len(wanted.sound)]
    sounding = slice(wanted.starts[1] + MILLISECOND, -MILLISECOND)
    heard, reference = heard[sounding], wanted.sound[sounding]
    assert longest_silence(heard) <= MILLISECOND
    assert largest_error(heard, reference) < 0.03
    assert largest_step(heard, reference) < 0.006
    assert level_difference_db(heard, reference) < 0.5
    assert longest_silence(recording[begin + len(wanted.sound) :]) >= RATE_HZ // 4


@pytest.mark.timeout(120)
def test_twelve_songs_of_all_formats_and_rates_cross_into_each_other(
    tmp_path: Path, pulse: PulseServer
) -> None:
    judge(play(tmp_path, pulse, MIXED, 1), MIXED, 1)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_twelve_longer_songs_cross_into_each_other(tmp_path: Path, pulse: PulseServer) -> None:
    longer = (LEAD, *(replace(piece, tenths=piece.tenths + 70) for piece in MIXED[1:]))
    judge(play(tmp_path, pulse, longer, 3), longer, 3)


def test_without_crossfade_songs_follow_each_other_to_the_frame(
    tmp_path: Path, pulse: PulseServer
) -> None:
    pieces = (
        LEAD,
        Piece("a", Codec.FLAC16, tenths=7),
        Piece("b", Codec.WAV16, tenths=5, low_hz=500, high_hz=900),
        Piece("c", Codec.ALAC16, channels=1, tenths=3, low_hz=1000, high_hz=2000),
        Piece("d", Codec.WAV16, tenths=6, low_hz=100, high_hz=800),
    )
    recording = play(tmp_path, pulse, pieces, 0)
    album = np.concatenate([piece.samples() for piece in pieces[1:]])
    end = where(recording, album) + len(album)
    assert not recording[end:].any()

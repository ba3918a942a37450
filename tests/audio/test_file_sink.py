"""Recordings: real files, read back by other programs' code."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import wave
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from audio.device import SampleFormat
from audio.file_sink import WAV_FORMATS, FileSink
from playback.errors import SinkError

RATE = 44_100
SIZES = {SampleFormat.S16: 2, SampleFormat.S24_3: 3}


def samples(frames: int, sample: SampleFormat = SampleFormat.S16) -> bytes:
    if sample is SampleFormat.FLOAT:
        return np.random.default_rng(1).uniform(-1, 1, frames * 2).astype("<f4").tobytes()
    return os.urandom(frames * 2 * SIZES.get(sample, 4))


def recorded(sink: FileSink, *pieces: bytes) -> None:
    sink.open()
    for piece in pieces:
        sink.write(memoryview(piece))
    sink.close()


def wav(path: Path, sample: SampleFormat = SampleFormat.S16) -> FileSink:
    return FileSink(path, sample, RATE, wav=True)


def raw(path: Path) -> FileSink:
    return FileSink(path, SampleFormat.S16, RATE, wav=False)


def read(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getframerate()) == (2, RATE)
        return file.readframes(file.getnframes())


@pytest.mark.parametrize("sample", [SampleFormat.S16, SampleFormat.S24_3, SampleFormat.S32])
def test_a_wav_file_holds_what_was_written(tmp_path: Path, sample: SampleFormat) -> None:
    path = tmp_path / "a.wav"
    first, second = samples(1_000, sample), samples(77, sample)
    recorded(wav(path, sample), first, second)
    assert read(path) == first + second


def test_floats_are_read_as_floats(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    written = samples(500, SampleFormat.FLOAT)
    recorded(wav(path, SampleFormat.FLOAT), written)
    with av.open(str(path)) as file:
        assert file.streams.audio[0].codec.name == "pcm_f32le"
        heard = b"".join(frame.to_ndarray().tobytes() for frame in file.decode(audio=0))
    assert heard == written


def test_bare_samples_are_written_as_they_are(tmp_path: Path) -> None:
    written = samples(300)
    recorded(raw(tmp_path / "a.raw"), written[:400], written[400:])
    assert (tmp_path / "a.raw").read_bytes() == written


def test_a_wav_file_can_be_read_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sink = wav(path)
    sink.open()
    assert read(path) == b""
    written = samples(100)
    for at in range(0, 400, 40):
        sink.write(memoryview(written[at : at + 40]))
        assert read(path) == written[: at + 40]
    sink.close()


@pytest.mark.parametrize("name", ["a.wav", "a.raw"])
def test_what_is_there_is_added_to(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    first, second = samples(50), samples(60)
    for piece in (first, second):
        recorded(wav(path) if name == "a.wav" else raw(path), piece)
    found = read(path) if name == "a.wav" else path.read_bytes()
    assert found == first + second


def test_after_a_crash_in_the_middle_of_a_frame_it_goes_on_at_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    first, second = samples(50), samples(60)
    recorded(wav(path), first)
    with path.open("ab") as file:
        file.write(b"xyz")  # written, and the sizes not yet
    recorded(wav(path), second)
    assert read(path) == first + second


def test_a_header_that_never_reached_the_disk_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(bytes(44))
    recorded(wav(path), samples(5))
    assert len(read(path)) == 20


@pytest.mark.parametrize(
    "there", [b"something else", b"RIFF", b"x" * 1_000], ids=["text", "short", "long"]
)
def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path, there: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(there)
    with pytest.raises(SinkError, match="something else than a WAV file of 44100 Hz, S16_LE; move"):
        wav(path).open()
    assert path.read_bytes() == there


def test_a_recording_in_another_format_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    recorded(wav(path, SampleFormat.S24_3), samples(10, SampleFormat.S24_3))
    before = path.read_bytes()
    with pytest.raises(SinkError, match="something else"):
        wav(path).open()
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_made_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"cannot write .*/a\.wav: No such file or directory"):
        wav(tmp_path / "absent" / "a.wav").open()
    with pytest.raises(SinkError, match="Is a directory"):
        raw(tmp_path).open()


def test_a_fifo_is_no_recording_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(SinkError, match="plugin = pipe"):
        raw(tmp_path / "fifo").open()


@contextlib.contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Let no file grow beyond ``size``: writing fails as on a full disk, and in its middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_on_a_full_disk_whole_frames_stay_and_it_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.wav"
    first, second = samples(100), samples(100)
    sink = wav(path)
    sink.open()
    sink.write(memoryview(first))
    with (
        disk_of(44 + 400 + 101),
        pytest.raises(SinkError, match=r"cannot write .*: File too large"),
    ):
        sink.write(memoryview(second))
    sink.close()
    assert read(path) == first + second[:100]
    recorded(sink, second)
    assert read(path) == first + second[:100] + second


def test_every_wav_format_has_a_header_of_its_own(tmp_path: Path) -> None:
    headers = set()
    for sample in WAV_FORMATS:
        path = tmp_path / f"{sample}.wav"
        recorded(wav(path, sample))
        headers.add(path.read_bytes())
    assert len(headers) == len(WAV_FORMATS)

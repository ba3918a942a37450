from __future__ import annotations

import random
import subprocess
import wave
from pathlib import Path

import audioread
import numpy as np
import numpy.typing as npt
import pytest
from mutagen.mp4 import MP4

from audio.chain_source import ChainSource
from audio.decoder import AvFile
from playback.units import ZERO_TICKS, frames_to_ticks, ticks_to_frames
from tests.chains import decoded, decoded_frames, read_all
from tests.sounds import Codec, Signal, as_decoded, impulses, make, noise, sine, sweep

LOSSLESS = [codec for codec in Codec if codec.lossless]
LOSSY = [codec for codec in Codec if not codec.lossless]


def music(frames: int, rate_hz: int) -> Signal:
    """Loud and soft by turns, tones, noise and clicks: codecs have to change block sizes."""
    gate = 0.2 + 0.8 * (np.sin(np.arange(frames) / rate_hz * 7.0) > 0)
    mixed = 0.4 * sweep(frames, rate_hz) + 0.3 * noise(frames) + impulses(frames, every=7919)
    return np.clip(0.5 * gate[:, None] * mixed, -1.0, 1.0)


def snr_db(wanted: npt.NDArray[np.floating], got: npt.NDArray[np.floating]) -> float:
    power = float(np.mean(np.square(wanted)))
    return float(10 * np.log10(power / np.mean(np.square(got - wanted))))


def by(codec: Codec) -> str:
    return codec.name.lower()


@pytest.mark.parametrize("codec", LOSSLESS, ids=by)
def test_a_lossless_file_decodes_to_the_very_samples_that_were_encoded(
    codec: Codec, tmp_path: Path
) -> None:
    signal = noise(100_001, level=0.4)
    path = make(tmp_path / f"a{codec.suffix}", signal, codec)
    assert np.array_equal(decoded(path), as_decoded(signal, codec))


@pytest.mark.parametrize("frames", [100, 4_000, 50_000, 132_423])
@pytest.mark.parametrize("codec", LOSSY, ids=by)
def test_a_lossy_file_has_the_frames_of_the_recording_no_more_no_less(
    codec: Codec, frames: int, tmp_path: Path
) -> None:
    path = make(tmp_path / f"a{codec.suffix}", noise(frames), codec)
    assert len(decoded(path, codec.rate_hz)) == frames


@pytest.mark.parametrize("codec", LOSSY, ids=by)
def test_a_lossy_file_is_in_time_to_the_frame(codec: Codec, tmp_path: Path) -> None:
    signal = noise(132_423)
    got = decoded(make(tmp_path / f"a{codec.suffix}", signal, codec), codec.rate_hz)
    for part in (slice(100, 20_000), slice(-20_000, -100)):
        wanted, heard = signal[part], got[part]
        late = max(
            range(-3, 4),
            key=lambda lag: float(np.sum(wanted[3:-3] * np.roll(heard, -lag, 0)[3:-3])),
        )
        assert late == 0
        assert snr_db(wanted, heard) > 5.0  # noise is the worst case for any lossy codec


@pytest.mark.parametrize("codec", list(Codec), ids=by)
def test_the_length_known_at_opening_is_the_length_decoded(codec: Codec, tmp_path: Path) -> None:
    frames = 77_777
    path = make(tmp_path / f"a{codec.suffix}", music(frames, codec.rate_hz), codec)
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=codec.rate_hz) as source:
        assert source.info.end == frames_to_ticks(frames, codec.rate_hz)


@pytest.mark.parametrize("codec", list(Codec), ids=by)
def test_a_recording_split_into_two_files_joins_without_a_frame_too_many_or_too_few(
    codec: Codec, tmp_path: Path
) -> None:
    rate_hz = codec.rate_hz
    signal = sine(3 * rate_hz, rate_hz, hz=441.0, level=0.5)
    cut = rate_hz + 4_567
    first = make(tmp_path / f"a{codec.suffix}", signal[:cut], codec)
    second = make(tmp_path / f"b{codec.suffix}", signal[cut:], codec)
    joined = np.concatenate([decoded(first, rate_hz), decoded(second, rate_hz)])
    assert len(joined) == len(signal)
    around = slice(cut - 300, cut + 300)
    if codec.lossless:
        assert np.array_equal(joined[around], as_decoded(signal, codec)[around])
    else:
        assert snr_db(signal[around], joined[around]) > 20.0
        one_off = np.concatenate([joined[: cut - 1], joined[cut : len(signal)]])
        assert snr_db(signal[cut : cut + 300], one_off[cut : cut + 300]) < 30.0


@pytest.mark.parametrize("codec", list(Codec), ids=by)
def test_a_seek_gives_the_frames_that_playing_through_gives(codec: Codec, tmp_path: Path) -> None:
    rate_hz = codec.rate_hz
    frames = 12 * rate_hz + 123
    path = make(tmp_path / f"a{codec.suffix}", music(frames, rate_hz), codec, title="Title")
    whole = decoded(path, rate_hz)
    drawn = random.Random(codec.name)
    for begin in [drawn.randrange(frames - 5_000) for _ in range(25)]:
        end = begin + drawn.randrange(1, 5_000)
        got = decoded_frames(path, rate_hz, begin, end)
        assert got.shape == (end - begin, 2)
        if codec.lossless:
            assert np.array_equal(got, whole[begin:end])
        else:
            assert float(np.max(np.abs(got - whole[begin:end]))) < 1e-4


@pytest.mark.parametrize("codec", list(Codec), ids=by)
def test_a_file_can_be_sought_back_and_forth_while_open(codec: Codec, tmp_path: Path) -> None:
    rate_hz = codec.rate_hz
    path = make(tmp_path / f"a{codec.suffix}", music(6 * rate_hz, rate_hz), codec)
    whole = decoded(path, rate_hz)
    block = np.empty((1_000, 2), dtype=np.float32)
    with AvFile(str(path)) as file:
        for begin in (5 * rate_hz, 200, 3 * rate_hz, 3 * rate_hz + 1_500, 0, 2 * rate_hz):
            file.seek(ticks_to_frames(frames_to_ticks(begin, rate_hz), rate_hz))
            assert file.read(block) == len(block)
            assert float(np.max(np.abs(block - whole[begin : begin + 1_000]))) < 1e-4
            assert file.position == begin + 1_000


@pytest.mark.parametrize(
    "codec", [Codec.WAV16, Codec.FLAC16, Codec.MP3_LAME, Codec.AAC, Codec.OPUS]
)
def test_beyond_the_end_there_is_nothing(codec: Codec, tmp_path: Path) -> None:
    path = make(tmp_path / f"a{codec.suffix}", noise(3 * codec.rate_hz), codec)
    for begin in (3 * codec.rate_hz, 100 * codec.rate_hz):
        assert len(decoded_frames(path, codec.rate_hz, begin, begin + 1_000)) == 0


def test_24_bits_arrive_whole(tmp_path: Path) -> None:
    signal = noise(20_000, level=2.0**-18)  # below what 16 bits can say
    got = decoded(make(tmp_path / "a.flac", signal, Codec.FLAC24))
    assert np.array_equal(got, as_decoded(signal, Codec.FLAC24))
    assert len(np.unique(got)) > 100


@pytest.mark.parametrize("codec", list(Codec), ids=by)
def test_mono_sounds_from_both_sides(codec: Codec, tmp_path: Path) -> None:
    signal = sine(codec.rate_hz, codec.rate_hz, channels=1)
    got = decoded(make(tmp_path / f"a{codec.suffix}", signal, codec), codec.rate_hz)
    assert np.array_equal(got[:, 0], got[:, 1])
    assert snr_db(signal[2_000:-2_000, 0], got[2_000:-2_000, 0]) > 25.0


def test_six_channels_are_mixed_down_and_do_not_clip(tmp_path: Path) -> None:
    signal = noise(30_000, level=0.3, channels=6)
    got = decoded(make(tmp_path / "a.flac", signal, Codec.FLAC16))
    left, right, centre, _bass, back_left, back_right = as_decoded(signal, Codec.FLAC16).T
    gain = 1.0 / (1.0 + 2.0 * np.sqrt(0.5))
    wanted = gain * np.stack(
        [
            left + np.sqrt(0.5) * (centre + back_left),
            right + np.sqrt(0.5) * (centre + back_right),
        ],
        axis=1,
    )
    assert np.allclose(got, wanted, atol=1e-6)
    loudest = decoded(make(tmp_path / "b.flac", np.ones((9_000, 6)), Codec.FLAC16))
    assert float(loudest.max()) <= 1.0


@pytest.mark.parametrize(
    ("codec", "rate_hz", "channels", "wanted"),
    [
        (Codec.FLAC16, 44_100, 2, "44100:16:2"),
        (Codec.FLAC24, 96_000, 2, "96000:24:2"),
        (Codec.FLAC16, 48_000, 6, "48000:16:6"),
        (Codec.WAV_FLOAT, 44_100, 2, "44100:f:2"),
        (Codec.ALAC24, 44_100, 2, "44100:24:2"),
        (Codec.MP3_LAME, 44_100, 1, "44100:24:1"),
        (Codec.AAC, 44_100, 1, "44100:f:1"),
        (Codec.VORBIS, 48_000, 2, "48000:f:2"),
        (Codec.OPUS, 48_000, 2, "48000:16:2"),
    ],
)
def test_the_format_reads_as_mpd_writes_it(
    codec: Codec, rate_hz: int, channels: int, wanted: str, tmp_path: Path
) -> None:
    signal = noise(rate_hz, channels=channels)
    path = make(tmp_path / f"a{codec.suffix}", signal, codec, rate_hz)
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as source:
        assert source.info.audio_format == wanted
        assert (source.info.rate_hz, source.info.channels) == (rate_hz, channels)


def test_the_bit_rate_is_that_of_the_file(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp3", noise(441_000), Codec.MP3_FFMPEG)
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as source:
        assert source.info.bitrate_kbps == pytest.approx(256, abs=2)


def test_it_is_an_audioread_back_end(tmp_path: Path) -> None:
    signal = noise(50_000, level=0.4)
    path = make(tmp_path / "a.flac", signal, Codec.FLAC16)
    with audioread.audio_open(str(path), backends=[AvFile]) as file:
        assert (file.samplerate, file.channels) == (44_100, 2)
        assert file.duration == pytest.approx(50_000 / 44_100)
        data = b"".join(file)
    wanted = np.rint(signal * 32_767).astype("<i2")
    assert np.array_equal(np.frombuffer(data, "<i2").reshape(-1, 2), wanted)


@pytest.mark.parametrize(
    "name", ["http:a.flac", "concat:a|b.flac", "größe %41 'q'.flac", "\udce9.flac"]
)
def test_any_file_name_can_be_opened(name: str, tmp_path: Path) -> None:
    path = make(tmp_path / name, noise(5_000), Codec.FLAC16)
    assert len(decoded(path)) == 5_000


def test_tags_in_a_strange_encoding_do_not_matter(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", noise(5_000), Codec.FLAC16, title="ABCDEF")
    path.write_bytes(path.read_bytes().replace(b"ABCDEF", b"\xff\xfe\xe9\xe8\x80\x81"))
    assert len(decoded(path)) == 5_000


def test_a_cover_picture_is_not_in_the_way(tmp_path: Path) -> None:
    plain = make(tmp_path / "plain.mp3", noise(50_000), Codec.MP3_LAME)
    covered = tmp_path / "covered.mp3"
    picture = ["-f", "lavfi", "-i", "color=red:size=500x500:duration=1", "-frames:v", "1"]
    kept = ["-map", "0:a", "-map", "1:v", "-c:a", "copy", "-c:v", "png"]
    attached = ["-disposition:v", "attached_pic", str(covered)]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(plain), *picture, *kept, *attached], check=True
    )
    assert np.array_equal(decoded(covered), decoded(plain))


def test_apples_tag_tells_where_an_m4a_file_ends(tmp_path: Path) -> None:
    path = make(tmp_path / "a.m4a", noise(50_000), Codec.AAC)
    whole = decoded(path)
    tagged = MP4(path)  # type: ignore[no-untyped-call]
    tag = f" 00000000 00000400 00000000 {48_765:016X} 00000000"
    tagged["----:com.apple.iTunes:iTunSMPB"] = [tag.encode()]
    tagged.save()  # type: ignore[no-untyped-call]
    assert np.array_equal(decoded(path), whole[:48_765])


def test_unsigned_8_bits_are_centred(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 1, 44_100, 0, "NONE", "not compressed"))
        file.writeframes(bytes([0, 64, 128, 192, 255]))
    assert decoded(path)[:, 0].tolist() == [-1.0, -0.5, 0.0, 0.5, 127 / 128]


def test_frames_of_another_rate_in_the_middle_are_left_out_and_counted(tmp_path: Path) -> None:
    first = make(tmp_path / "a.mp3", noise(88_200), Codec.MP3_LAME)
    other = make(tmp_path / "b.mp3", noise(96_000), Codec.MP3_LAME, 48_000)
    path = tmp_path / "both.mp3"
    path.write_bytes(first.read_bytes() + other.read_bytes())
    with ChainSource(str(path), offset=ZERO_TICKS, end=None, rate_hz=44_100) as source:
        assert abs(len(read_all(source)) - 88_200) < 3_000
        assert source.damaged_packets > 50

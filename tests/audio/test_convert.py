"""Conversion to device samples: exact, saturating, dithered only if asked."""

from __future__ import annotations

import tracemalloc

import numpy as np
import numpy.typing as npt
import pytest

from audio.convert import BYTES, SampleConverter
from audio.device import SampleFormat
from audio.ring import Block

INTEGER_FORMATS = [s for s in SampleFormat if s is not SampleFormat.FLOAT]
BITS = {SampleFormat.S16: 16, SampleFormat.S24_3: 24, SampleFormat.S24: 24, SampleFormat.S32: 32}


def integers(data: memoryview, sample: SampleFormat) -> list[int]:
    """Read device samples with plain Python, as a second opinion."""
    size = BYTES[sample]
    octets = bytes(data)
    pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
    return [int.from_bytes(piece, "little", signed=True) for piece in pieces]


def as_block(values: npt.NDArray[np.float32]) -> Block:
    return values.reshape(-1, 2)


def test_every_16_bit_value_comes_out_of_16_bit_unchanged() -> None:
    values = np.arange(-32_768, 32_768)
    block = as_block((values / 2**15).astype(np.float32))
    converter = SampleConverter(SampleFormat.S16, len(block))
    assert integers(converter.convert(block, len(block), dither=False), SampleFormat.S16) == list(
        values
    )
    assert converter.clipped == 0


@pytest.mark.parametrize("sample", INTEGER_FORMATS[1:])
def test_every_16_bit_value_comes_out_of_finer_formats_shifted(sample: SampleFormat) -> None:
    values = np.arange(-32_768, 32_768, dtype=np.int64)
    block = as_block((values / 2**15).astype(np.float32))
    converter = SampleConverter(sample, len(block))
    expected = list(values << (BITS[sample] - 16))
    assert integers(converter.convert(block, len(block), dither=False), sample) == expected


@pytest.mark.parametrize("sample", [SampleFormat.S24_3, SampleFormat.S24, SampleFormat.S32])
def test_24_bit_values_come_out_unchanged(sample: SampleFormat) -> None:
    edges = np.array([-(2**23), -(2**23) + 1, -1, 0, 1, 2**23 - 2, 2**23 - 1, 12_345])
    scattered = np.random.default_rng(7).integers(-(2**23), 2**23, 20_000)
    values = np.concatenate([edges, scattered])
    block = as_block((values / 2**23).astype(np.float32))
    converter = SampleConverter(sample, len(block))
    expected = list(values.astype(np.int64) << (BITS[sample] - 24))
    assert integers(converter.convert(block, len(block), dither=False), sample) == expected


def test_float_goes_through_as_it_is() -> None:
    block = np.random.default_rng(1).uniform(-1, 1, (100, 2)).astype(np.float32)
    data = SampleConverter(SampleFormat.FLOAT, 100).convert(block, 100, dither=True)
    assert bytes(data) == block.astype("<f4").tobytes()


@pytest.mark.parametrize("sample", INTEGER_FORMATS)
def test_what_is_too_loud_is_saturated_and_counted(sample: SampleFormat) -> None:
    loud = np.array([1.0, -1.0, 1.5, -1.5, 100.0, -100.0, np.inf, -np.inf], dtype=np.float32)
    converter = SampleConverter(sample, 4)
    got = integers(converter.convert(as_block(loud), 4, dither=False), sample)
    full = 2 ** (BITS[sample] - 1)
    top = full - 128 if sample is SampleFormat.S32 else full - 1
    assert got == [top, -full] * 4
    assert converter.clipped == 7  # −1.0 is representable
    converter.convert(as_block(loud), 4, dither=False)
    assert converter.clipped == 14


def test_float_output_is_saturated_at_one() -> None:
    loud = np.array([1.0, -1.0, 1.25, -3.0], dtype=np.float32)
    converter = SampleConverter(SampleFormat.FLOAT, 2)
    data = converter.convert(as_block(loud), 2, dither=False)
    assert np.frombuffer(data, "<f4").tolist() == [1.0, -1.0, 1.0, -1.0]
    assert converter.clipped == 2


@pytest.mark.parametrize("sample", SampleFormat)
def test_what_is_not_a_number_is_silent_and_harms_no_neighbour(sample: SampleFormat) -> None:
    values = np.array([np.nan, 0.5, 2.0, np.nan], dtype=np.float32)
    converter = SampleConverter(sample, 2)
    data = converter.convert(as_block(values), 2, dither=False)
    if sample is SampleFormat.FLOAT:
        assert np.frombuffer(data, "<f4").tolist() == [0.0, 0.5, 1.0, 0.0]
    else:
        first, half, full, last = integers(data, sample)
        assert (first, last) == (0, 0)
        assert half == 2 ** (BITS[sample] - 2)
        assert full > half
    assert converter.clipped == 1


def test_values_between_two_steps_go_to_the_nearer_one() -> None:
    steps = np.array([0.4, 0.6, -0.4, -0.6, 7.49, 7.51])
    values = (steps / 32_768).astype(np.float32)
    data = SampleConverter(SampleFormat.S16, 3).convert(as_block(values), 3, dither=False)
    assert integers(data, SampleFormat.S16) == [0, 1, 0, -1, 7, 8]


def dithered(level: float, frames: int, seed: int = 3) -> npt.NDArray[np.float64]:
    """Errors in LSB of a constant at ``level`` LSB, converted in periods of 1,000 frames."""
    block = np.full((1000, 2), level / 32_768, dtype=np.float32)
    converter = SampleConverter(SampleFormat.S16, 1000, seed)
    parts = [
        np.frombuffer(bytes(converter.convert(block, 1000, dither=True)), "<i2")
        for _ in range(frames // 1000)
    ]
    return np.concatenate(parts).astype(np.float64) - level


@pytest.mark.parametrize("level", [0.0, 0.25, 0.5, -17.3])
def test_triangular_dither_makes_the_error_independent_of_the_signal(level: float) -> None:
    errors = dithered(level, 100_000)
    # TPDF of ±1 LSB plus rounding: mean 0, variance 1/6 + 1/12 = 1/4, at every level.
    assert abs(errors.mean()) < 0.01
    assert errors.var() == pytest.approx(0.25, abs=0.01)
    assert np.abs(errors).max() <= 1.5


def test_dither_has_no_period_and_no_likeness_between_the_channels() -> None:
    errors = dithered(0.5, 60_000).reshape(-1, 2)
    left, right = errors[:, 0], errors[:, 1]
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.02
    spectrum = np.abs(np.fft.rfft(left)) ** 2 / len(left)
    power = np.convolve(spectrum[1:], np.ones(64) / 64, mode="valid")
    assert power.max() / power.min() < 4  # white but for chance
    likeness = np.fft.irfft(np.abs(np.fft.rfft(left, 2 * len(left))) ** 2)[1 : len(left)]
    assert np.abs(likeness).max() / (left @ left) < 0.2


def test_dither_of_one_seed_is_repeatable_and_of_another_is_not() -> None:
    assert np.array_equal(dithered(0.3, 5000, seed=1), dithered(0.3, 5000, seed=1))
    assert not np.array_equal(dithered(0.3, 5000, seed=1), dithered(0.3, 5000, seed=2))


@pytest.mark.parametrize("sample", [SampleFormat.S32, SampleFormat.FLOAT])
def test_formats_finer_than_the_mix_are_never_dithered(sample: SampleFormat) -> None:
    block = np.random.default_rng(1).uniform(-1, 1, (64, 2)).astype(np.float32)
    plain = bytes(SampleConverter(sample, 64).convert(block, 64, dither=False))
    assert bytes(SampleConverter(sample, 64).convert(block, 64, dither=True)) == plain


@pytest.mark.parametrize("sample", SampleFormat)
def test_a_shorter_block_than_allowed_gives_just_its_own_bytes(sample: SampleFormat) -> None:
    block = np.random.default_rng(1).uniform(-1, 1, (64, 2)).astype(np.float32)
    converter = SampleConverter(sample, 64)
    whole = bytes(converter.convert(block, 64, dither=False))
    assert len(whole) == 64 * 2 * BYTES[sample]
    assert bytes(converter.convert(block, 7, dither=False)) == whole[: 7 * 2 * BYTES[sample]]
    assert bytes(converter.convert(block, 0, dither=False)) == b""


@pytest.mark.parametrize("sample", SampleFormat)
def test_converting_allocates_no_block(sample: SampleFormat) -> None:
    block = np.random.default_rng(1).uniform(-2, 2, (4096, 2)).astype(np.float32)
    converter = SampleConverter(sample, 4096)
    converter.convert(block, 4096, dither=True)
    tracemalloc.start()
    converter.convert(block, 4096, dither=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8_192

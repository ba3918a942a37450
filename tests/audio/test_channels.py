from __future__ import annotations

import math

import numpy as np
import pytest

from audio.channels import downmix, is_usual_order, mix_into, named

ROOT_HALF = math.sqrt(0.5)


def mixed(values: list[float], names: tuple[str, ...]) -> list[float]:
    out = np.empty((1, 2), dtype=np.float32)
    columns = [np.array([value], dtype=np.float32) for value in values]
    mix_into(out, columns, downmix(names), 1.0)
    return [float(out[0, 0]), float(out[0, 1])]


def test_mono_is_doubled_at_full_level() -> None:
    assert mixed([0.75], ("FC",)) == [0.75, 0.75]


def test_stereo_stays_what_it_is_whatever_its_channels_are_called() -> None:
    assert mixed([0.25, -0.5], ("FL", "FR")) == [0.25, -0.5]
    assert mixed([0.25, -0.5], ("DL", "DR")) == [0.25, -0.5]


@pytest.mark.parametrize(
    ("names", "left", "right"),
    [
        (("FL", "FR", "FC"), (1, 0, ROOT_HALF), (0, 1, ROOT_HALF)),
        (("FL", "FR", "BL", "BR"), (1, 0, ROOT_HALF, 0), (0, 1, 0, ROOT_HALF)),
        (
            ("FL", "FR", "FC", "LFE", "SL", "SR"),
            (1, 0, ROOT_HALF, 0, ROOT_HALF, 0),
            (0, 1, ROOT_HALF, 0, 0, ROOT_HALF),
        ),
        (
            ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
            (1, 0, ROOT_HALF, 0, 0.5, ROOT_HALF, 0),
            (0, 1, ROOT_HALF, 0, 0.5, 0, ROOT_HALF),
        ),
    ],
)
def test_each_channel_gives_its_itu_share_divided_by_the_largest_sum(
    names: tuple[str, ...], left: tuple[float, ...], right: tuple[float, ...]
) -> None:
    for number in range(len(names)):
        alone = [1.0 if at == number else 0.0 for at in range(len(names))]
        wanted = [left[number] / sum(left), right[number] / sum(right)]
        assert mixed(alone, names) == pytest.approx(wanted, abs=1e-7)


@pytest.mark.parametrize("count", range(1, 25))
def test_no_layout_can_clip_and_none_is_silent(count: int) -> None:
    names = tuple(f"UNK{number}" for number in range(count))
    left, right = mixed([1.0] * count, names)
    assert 0.0 < left <= 1.0
    assert 0.0 < right <= 1.0


def test_six_unnamed_channels_are_read_in_the_order_of_flac() -> None:
    named = ("FL", "FR", "FC", "LFE", "BL", "BR")
    assert downmix(("",) * 6) == downmix(named)


def test_a_layout_without_any_front_keeps_its_sound() -> None:
    assert mixed([0.5, 0.5, 0.5], ("LFE", "LFE2", "LFE"))[0] > 0.0


def test_the_same_samples_give_the_same_bits_in_blocks_of_any_size() -> None:
    drawn = np.random.default_rng(1).uniform(-1, 1, (6, 1_000)).astype(np.float32)
    factors = downmix(("FL", "FR", "FC", "LFE", "BL", "BR"))
    whole = np.empty((1_000, 2), dtype=np.float32)
    mix_into(whole, list(drawn), factors, 1.0)
    for size in (1, 7, 333):
        parts = np.empty_like(whole)
        for at in range(0, 1_000, size):
            mix_into(parts[at : at + size], [row[at : at + size] for row in drawn], factors, 1.0)
        assert np.array_equal(parts, whole)


def test_ffmpegs_own_order_of_channels_is_told_from_any_other() -> None:
    assert is_usual_order(("FL", "FR"))
    assert is_usual_order(("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"))
    for other in (("FR", "FL"), ("FL", "FL"), ("FL", "FR", "SL", "SR", "BL"), ("NONE",), ()):
        assert not is_usual_order(other)


def test_the_container_names_channels_that_the_codec_does_not() -> None:
    assert named(["NONE", "NONE"], ("DL", "DR")) == ("DL", "DR")
    assert named(["FL", "FC"], ("DL", "DR")) == ("FL", "FC")
    assert named(["NONE"] * 3, ("FL", "FR")) == ("NONE",) * 3

"""Settings as users write them: clamped with a warning, or the last good value kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.settings import SPECS, Settings, parse

# key, default, lowest, highest, as the requirements state them
TABLE = [
    ("watchdog_interval_ms", 100, 10, 2000),
    ("minimum_playback_buffer_ms", 3000, 100, 12000),
    ("maximum_decode_streams", 12, 2, 32),
    ("watchdog_enabled", 1, 0, 1),
]
KEYS = pytest.mark.parametrize(("key", "default", "lowest", "highest"), TABLE)


def test_the_settings_are_these_four() -> None:
    assert [(s.key, s.default, s.lowest, s.highest) for s in SPECS.values()] == TABLE


@KEYS
def test_the_defaults_are_in_force(key: str, default: int, lowest: int, highest: int) -> None:
    assert getattr(Settings(), key) == default
    assert lowest <= default <= highest


@KEYS
def test_both_ends_of_the_range_are_allowed(
    key: str, default: int, lowest: int, highest: int
) -> None:
    for value in (lowest, default, highest):
        parsed = parse(key, str(value), last_good=default)
        assert (parsed.value, parsed.warning) == (value, None)


@KEYS
def test_tc_set_a_value_outside_is_clamped_with_a_warning(
    key: str, default: int, lowest: int, highest: int
) -> None:
    for given_value, used in ((lowest - 1, lowest), (highest + 1, highest), (-(10**9), lowest)):
        parsed = parse(key, str(given_value), last_good=default)

        assert parsed.value == used
        assert parsed.warning is not None
        for word in (key, given_value, lowest, highest, used):
            assert str(word) in parsed.warning


@KEYS
@pytest.mark.parametrize("text", ["", "abc", "1.5", "10 ms", "nan", "0x10", "1e3"])
def test_tc_set_what_is_no_number_keeps_the_last_good_value(
    key: str, default: int, lowest: int, highest: int, text: str
) -> None:
    last_good = highest if default != highest else lowest

    parsed = parse(key, text, last_good=last_good)

    assert parsed.value == last_good
    assert parsed.warning is not None
    for word in (key, repr(text), lowest, highest, last_good):
        assert str(word) in parsed.warning


def test_blanks_around_a_number_do_not_matter() -> None:
    assert parse("watchdog_interval_ms", " 50\n", last_good=100).value == 50


@given(st.sampled_from(list(SPECS)), st.text())
def test_whatever_is_written_the_value_is_in_range(key: str, text: str) -> None:
    spec = SPECS[key]

    assert spec.lowest <= parse(key, text, last_good=spec.default).value <= spec.highest

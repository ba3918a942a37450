"""Arguments into values, and MPD's words for what is none (taken from MPD 0.23.12)."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playback.errors import AckCode, AckError
from playback.insertion import InsertAt
from playback.options import ReplayGainMode, Switch
from playback.units import TICKS_PER_SECOND
from protocol import arguments
from protocol.arguments import Between, Leap

SECOND = TICKS_PER_SECOND
VOLUME = Between(0, 100)

GOOD: list[tuple[Callable[[str], Any], str, Any]] = [
    (arguments.integer, "5", 5),
    (arguments.integer, "-5", -5),
    (arguments.integer, "+5", 5),
    (arguments.integer, " 5", 5),
    (arguments.integer, "005", 5),
    (arguments.unsigned, "0", 0),
    (arguments.unsigned, "-0", 0),
    (arguments.entry_id, "7", 7),
    (VOLUME, "0", 0),
    (VOLUME, "100", 100),
    (arguments.version, "-1", -1),
    (arguments.version, "99999999999", 99999999999),
    (arguments.boolean, "0", False),
    (arguments.boolean, "1", True),
    (arguments.boolean, " 1", True),
    (arguments.boolean, "01", True),
    (arguments.number, "2.5", 2.5),
    (arguments.number, ".5", 0.5),
    (arguments.number, "1e1", 10.0),
    (arguments.number, "-17.000000", -17.0),
    (arguments.song_time, "3", 3.0),
    (arguments.leap, "5", Leap(5.0, relative=False)),
    (arguments.leap, "+5", Leap(5.0, relative=True)),
    (arguments.leap, "-5.5", Leap(-5.5, relative=True)),
    (arguments.position_range, "1", (1, 2)),
    (arguments.position_range, "1:5", (1, 5)),
    (arguments.position_range, "1:", (1, None)),
    (arguments.position_range, "1:1", (1, 1)),
    (arguments.position_range, "-1", (0, None)),
    (arguments.insert_at, "3", InsertAt(3)),
    (arguments.insert_at, "+3", InsertAt(3, "+")),
    (arguments.insert_at, "-0", InsertAt(0, "-")),
    (arguments.sound_range, "5:10", (5 * SECOND, 10 * SECOND)),
    (arguments.sound_range, "2.5:", (SECOND * 5 // 2, None)),
    (arguments.sound_range, ":10", (0, 10 * SECOND)),
    (arguments.sound_range, ":", None),
    (arguments.sound_range, "1:inf", (SECOND, None)),
    (arguments.tag_name, "ARTIST", "Artist"),
    (arguments.tag_name, "musicbrainz_albumid", "MUSICBRAINZ_ALBUMID"),
    (arguments.single_mode, "oneshot", Switch.ONESHOT),
    (arguments.consume_mode, "1", Switch.ON),
    (arguments.replay_gain_mode, "album", ReplayGainMode.ALBUM),
]

BAD: list[tuple[Callable[[str], Any], str, str]] = [
    (arguments.integer, "", "Integer expected: "),
    (arguments.integer, "a", "Integer expected: a"),
    (arguments.integer, "1.5", "Integer expected: 1.5"),
    (arguments.integer, "1a", "Integer expected: 1a"),
    (arguments.integer, "1 ", "Integer expected: 1 "),
    (arguments.integer, "1_0", "Integer expected: 1_0"),
    (arguments.integer, "٣", "Integer expected: ٣"),
    (arguments.integer, "0x1", "Integer expected: 0x1"),
    (arguments.integer, "99999999999", "Number too large: 99999999999"),
    (arguments.unsigned, "-1", "Number too large: -1"),
    (arguments.entry_id, "abc", "Integer expected: abc"),
    (VOLUME, "101", "Number too large: 101"),
    (VOLUME, "-5", "Number too large: -5"),
    (arguments.boolean, "2", "Boolean (0/1) expected: 2"),
    (arguments.boolean, "on", "Boolean (0/1) expected: on"),
    (arguments.boolean, "", "Boolean (0/1) expected: "),
    (arguments.boolean, "-1", "Boolean (0/1) expected: -1"),
    (arguments.number, "abc", "Float expected: abc"),
    (arguments.number, "", "Float expected: "),
    (arguments.number, "1x", "Float expected: 1x"),
    (arguments.number, "nan", "Float expected: nan"),
    (arguments.song_time, "-5", "Negative value not allowed: -5"),
    (arguments.leap, "+", "Float expected: +"),
    (arguments.leap, "inf", "Float expected: inf"),
    (arguments.position_range, "x", "Integer or range expected: x"),
    (arguments.position_range, "", "Integer or range expected: "),
    (arguments.position_range, ":1", "Integer or range expected: :1"),
    (arguments.position_range, "1:b", "Integer or range expected: 1:b"),
    (arguments.position_range, "1:2:3", "Integer or range expected: 1:2:3"),
    (arguments.position_range, "-2", "Number is negative: -2"),
    (arguments.position_range, "1:-2", "Number is negative: 1:-2"),
    (arguments.position_range, "-1:2", "Number is negative: -1:2"),
    (arguments.position_range, "99999999999", "Number too large: 99999999999"),
    (arguments.position_range, "2:1", "Malformed range: 2:1"),
    (arguments.insert_at, "x", "Integer expected: x"),
    (arguments.sound_range, "10", "Bad range"),
    (arguments.sound_range, "x", "Bad range"),
    (arguments.sound_range, "1:a", "Bad range"),
    (arguments.sound_range, "-1:2", "Bad range"),
    (arguments.sound_range, "10:5", "Bad range"),
    (arguments.sound_range, "5:5", "Bad range"),
    (arguments.sound_range, "nan:2", "Bad range"),
    (arguments.tag_name, "foo", "Unknown tag type: foo"),
    (arguments.single_mode, "3", "Unrecognized single mode, expected 0, 1, or oneshot"),
    (arguments.single_mode, "ONESHOT", "Unrecognized single mode, expected 0, 1, or oneshot"),
    (arguments.consume_mode, "2", "Unrecognized consume mode, expected 0, 1, or oneshot"),
    (arguments.replay_gain_mode, "TRACK", "Unrecognized replay gain mode"),
    (arguments.replay_gain_mode, "", "Unrecognized replay gain mode"),
]

CONVERTERS = list({converter: None for converter, *_ in GOOD})


@pytest.mark.parametrize(("convert", "argument", "value"), GOOD)
def test_a_good_argument_becomes_a_value(
    convert: Callable[[str], Any], argument: str, value: Any
) -> None:
    assert convert(argument) == value


@pytest.mark.parametrize(("convert", "argument", "problem"), BAD)
def test_a_bad_argument_is_refused_in_mpds_words(
    convert: Callable[[str], Any], argument: str, problem: str
) -> None:
    with pytest.raises(AckError) as refusal:
        convert(argument)
    assert (refusal.value.code, str(refusal.value)) == (AckCode.ARG, problem)


def test_mixramp_delay_may_be_nan() -> None:
    assert math.isnan(arguments.decimal("nan"))


@given(st.sampled_from(CONVERTERS), st.text(max_size=12))
def test_no_text_makes_a_converter_stumble(convert: Callable[[str], Any], argument: str) -> None:
    with contextlib.suppress(AckError):
        convert(argument)

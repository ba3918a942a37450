"""What may be stored of passages, and how it is played."""

from __future__ import annotations

import pytest

from playback.errors import AckCode, AckError
from playback.passage import Curve, Passage
from playback.stored_passages import PassageChange, StoredPassages
from playback.units import Ticks, seconds_to_ticks

FILE, NAMED = "a/b.flac", "a/b.flac/loud"


def s(seconds: float) -> Ticks:
    return seconds_to_ticks(seconds)


def refusal(stored: StoredPassages, wanted: PassageChange) -> AckError:
    rows = stored.rows
    with pytest.raises(AckError) as refused:
        stored.change(wanted)
    assert stored.rows is rows
    return refused.value


def test_a_passage_is_defined_altered_point_by_point_and_deleted() -> None:
    stored = StoredPassages()
    stored.change(PassageChange(NAMED, FILE, {"start": s(1), "end": s(9)}))
    stored.change(PassageChange(NAMED, FILE, {"fade_in": s(2), "fade_in_curve": Curve.COSINE}))
    expected = Passage(FILE, 1, s(1), s(9), fade_in=s(2), fade_in_curve=Curve.COSINE)
    assert stored.rows == {NAMED: expected}
    assert stored(NAMED) == expected
    stored.change(PassageChange(NAMED, FILE, {"start": None, "fade_in": None}))
    assert stored.rows[NAMED] == Passage(FILE, 1, end=s(9), fade_in_curve=Curve.COSINE)
    stored.change(PassageChange(NAMED, FILE, None))
    assert stored.rows == {}
    assert stored(NAMED) is None


def test_it_is_the_same_object_until_it_is_changed() -> None:
    stored = StoredPassages({NAMED: Passage(FILE, 3, s(1), s(9)), FILE: Passage(FILE, 4, s(2))})
    before = stored(NAMED)
    stored.change(PassageChange(FILE, FILE, {"end": s(5)}))
    assert stored(NAMED) is before
    stored.change(PassageChange(NAMED, FILE, {"end": s(5)}))
    assert stored(NAMED) is not before


def test_ids_are_kept_and_new_ones_are_higher() -> None:
    stored = StoredPassages({NAMED: Passage(FILE, 3, s(1), s(9))})
    stored.change(PassageChange(NAMED, FILE, {"end": s(8)}))
    stored.change(PassageChange("c.mp3/x", "c.mp3", {}))
    assert [passage.passage_id for passage in stored.rows.values()] == [3, 4]


def test_a_whole_file_without_points_is_not_stored() -> None:
    stored = StoredPassages()
    stored.change(PassageChange(FILE, FILE, {"lead_out": s(5)}))
    assert FILE in stored.rows
    stored.change(PassageChange(FILE, FILE, {"lead_out": None}))
    assert stored.rows == {}


def test_whether_it_has_to_be_there_is_the_askers_choice() -> None:
    stored = StoredPassages({NAMED: Passage(FILE, 1, s(1), s(9))})
    there = refusal(stored, PassageChange(NAMED, FILE, {}, is_there=False))
    assert there.code is AckCode.EXIST
    for wanted in (
        PassageChange("x.mp3/y", "x.mp3", {}, is_there=True),
        PassageChange("x.mp3/y", "x.mp3", None),
    ):
        assert refusal(stored, wanted).code is AckCode.NO_EXIST


@pytest.mark.parametrize(
    ("points", "file_end", "named"),
    [
        ({"start": s(5), "end": s(5)}, None, ["end (5 s) is not after start (5 s)"]),
        ({"lead_out": s(11)}, s(10), ["lead_out (11 s) lies behind end (10 s)"]),
        ({"end": s(11)}, s(10), ["end lies behind the end of the file (10.000 s)"]),
        ({"start": s(12)}, s(10), ["end (10 s) is not after start (12 s)"]),
        (
            {"start": s(4), "fade_in": s(3), "lead_in": s(9), "lead_out": s(8)},
            None,
            ["fade_in (3 s) lies before start (4 s)", "lead_in (9 s) lies behind lead_out (8 s)"],
        ),
    ],
)
def test_every_broken_rule_is_named_at_once(
    points: dict[str, Ticks], file_end: Ticks | None, named: list[str]
) -> None:
    refused = refusal(StoredPassages(), PassageChange(NAMED, FILE, points, file_end=file_end))
    assert refused.code is AckCode.ARG
    assert [text for text in named if text not in str(refused)] == []


def test_what_is_stored_against_the_rules_is_played_repaired_and_kept_as_it_is() -> None:
    bad = Passage(FILE, 1, s(9), s(4), fade_in=s(20))
    stored = StoredPassages({NAMED: bad})
    assert stored.rows == {NAMED: bad}
    assert stored(NAMED) == Passage(FILE, 1, fade_in=s(20))
    warnings = stored.take_warnings()
    assert [f"{FILE}: start 9 s changed to 0 s" in warning for warning in warnings] == [True, False]
    assert stored.take_warnings() == ()

"""What only MPD 0.24 has among the filters, so that no real MPD at hand can say it."""

from __future__ import annotations

import pytest

from playback.errors import AckError
from playback.song import Song
from protocol.matching import song_filter
from protocol.moments import moment

SONGS = {
    "a": Song("a.flac", tags=(("Artist", "Straße Eins"), ("Title", "One"))),
    "b": Song("b.flac", tags=(("Artist", "STRASSE eins"), ("Title", "one more"))),
    "c": Song("c.flac", tags=(("Artist", "Other"), ("Artist", "Strasse"))),
}


def found(expression: str, *, folded: bool = False) -> str:
    matches = song_filter((expression,), folded=folded)
    return "".join(name for name, song in SONGS.items() if matches(song))


@pytest.mark.parametrize(
    ("expression", "by_find", "by_search"),
    [
        ("(title starts_with 'One')", "a", "ab"),
        ("(title starts_with_cs 'One')", "a", "a"),
        ("(title starts_with_ci 'one')", "ab", "ab"),
        ("(title !starts_with 'One')", "bc", "c"),
        ("(title eq_cs 'one more')", "b", "b"),
        ("(title eq_ci 'ONE MORE')", "b", "b"),
        ("(title !eq_ci 'ONE')", "bc", "bc"),
        ("(artist contains_ci 'strasse')", "abc", "abc"),
        ("(artist contains_cs 'Stra')", "ac", "ac"),
        ("(artist !contains_ci 'EINS')", "c", "c"),
        ("(file starts_with 'b')", "b", "b"),
        ("(any contains 'One')", "a", "ab"),
        ("((!((title contains_ci 'x') AND (any contains 'x'))) AND (title == 'One'))", "a", "a"),
    ],
)  # fmt: skip
def test_operators_mind_case_or_not(expression: str, by_find: str, by_search: str) -> None:
    assert found(expression) == by_find
    assert found(expression, folded=True) == by_search


@pytest.mark.parametrize(
    "operator", ["eq", "contains_x", "starts_withs", "eq_", "=~", "!", "<", "==="]
)
def test_what_is_no_operator_is_refused(operator: str) -> None:
    with pytest.raises(AckError, match=r"'==' or '!=' expected|Quoted string expected"):
        song_filter((f"(title {operator} 'x')",), folded=False)


@pytest.mark.parametrize(
    ("written", "unix_s"),
    [
        ("0", 0),
        ("1577836800", 1_577_836_800),
        ("2020-01-01", 1_577_836_800),
        ("20200101", 1_577_836_800),
        ("2020-01", 1_577_836_800),
        ("2020-01-01T01", 1_577_840_400),
        ("2020-01-01T01:02", 1_577_840_520),
        ("2020-01-01T01:02:03", 1_577_840_523),
        ("20200101T010203Z", 1_577_840_523),
        ("2020-01-01T01:02:03+01:02", 1_577_836_803),
        ("2020-01-01T01:02:03-01", 1_577_844_123),
    ],
)
def test_points_in_time_have_many_forms(written: str, unix_s: int) -> None:
    assert moment(written) == unix_s


@pytest.mark.parametrize("written", ["", "x", "2020-13-01", "2020-01-32", "-1", "2020-01-01 01"])
def test_what_is_no_point_in_time_is_refused(written: str) -> None:
    with pytest.raises(AckError, match="Failed to parse date"):
        moment(written)

"""The order of names. The expected order is that of MPD with the ICU library."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.collation import collation_key

AS_MPD_SORTS: tuple[str, ...] = (
    " s", "_x", "-x", "!", "(x)", "[b]", "&", "#1", "+", "~", "🎵", "10", "9", "a b", "a-b", "a.b",
    "a", "A", "Ä", "a'b", "ä2", "aa", "ab", "ae", "æ", "af", "b", "B", "co-op", "CO-OP", "coop",
    "e", "é", "f", "l", "Ł", "m", "o", "ø", "p", "ss", "ß", "st", "x1", "x10", "x2", "z", "ω", "я",
    "日",
)  # fmt: skip


@pytest.mark.parametrize("suffix", [".flac"])
def test_files_are_in_mpds_order(suffix: str) -> None:
    names = [name + suffix for name in AS_MPD_SORTS]
    shuffled = random.Random(3).sample(names, len(names))
    assert sorted(shuffled, key=collation_key) == names


def test_directories_are_in_mpds_order() -> None:
    names = ["_x", "(x)", "10", "9", "a", "Ä", "B", "b2", "e", "é", "f", "z", "日"]
    shuffled = random.Random(3).sample(names, len(names))
    assert sorted(shuffled, key=collation_key) == names


@given(st.text(), st.text())
def test_case_and_accents_decide_only_between_equal_letters(one: str, other: str) -> None:
    letters_one, letters_other = collation_key(one)[0], collation_key(other)[0]
    if letters_one < letters_other:
        assert collation_key(one) < collation_key(other)


@given(st.text())
def test_every_text_has_a_place(text: str) -> None:
    letters, accents, cases = collation_key(text)
    assert len(letters) == len(accents) == len(cases)

"""Stickers in a real database: written by one connection, read through others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from library.stickers import (
    Comparison,
    CountSticker,
    RemoveSticker,
    SetSticker,
    StickerOrder,
    StickerSearch,
    Subject,
)
from playback.errors import StorageError
from storage.database import open_database
from storage.player_store import PlayerStore
from storage.sticker_rows import StickerReader

ONE, TWO, THREE = (Subject("song", f"a/{number}.flac") for number in (1, 2, 3))


@pytest.fixture(name="store")
def fixture_store(tmp_path: Path) -> Iterator[PlayerStore]:
    store = PlayerStore(open_database(tmp_path / "wkmp.db"))
    yield store
    store.close()


@pytest.fixture(name="reader")
def fixture_reader(store: PlayerStore, tmp_path: Path) -> StickerReader:
    for subject, value in ((ONE, "9"), (TWO, "10"), (THREE, "x10")):
        store.edit_sticker(SetSticker(subject, "rating", value))
    return StickerReader(tmp_path / "wkmp.db")


def found(reader: StickerReader, *test: str, below: str = "", order: str = "uri") -> list[str]:
    search = StickerSearch(
        kind="song",
        below=below,
        name="rating",
        test=(Comparison(test[0]), test[1]) if test else None,
        order=StickerOrder(order.removeprefix("-")),
        descending=order.startswith("-"),
    )
    return [value for _, value in reader.found(search)]


def test_what_is_set_can_be_read_by_subject_and_name(reader: StickerReader) -> None:
    assert reader.value(ONE, "rating") == "9"
    assert reader.value(ONE, "mood") is None
    assert reader.value(Subject("playlist", ONE.uri), "rating") is None


def test_a_value_is_replaced(store: PlayerStore, reader: StickerReader) -> None:
    assert store.edit_sticker(SetSticker(ONE, "rating", "1"))
    assert reader.all_of(ONE) == [("rating", "1")]


def test_stickers_of_a_subject_come_by_name(store: PlayerStore, reader: StickerReader) -> None:
    for name in ("z", "Z", "é", ""):
        store.edit_sticker(SetSticker(ONE, name, f"={name}"))
    assert reader.all_of(ONE) == [("", "="), ("Z", "=Z"), ("rating", "9"), ("z", "=z"), ("é", "=é")]


@pytest.mark.parametrize(
    ("test", "values"),
    [
        ((), ["9", "10", "x10"]),
        (("=", "10"), ["10"]),
        (("<", "9"), ["10"]),
        ((">", "10"), ["9", "x10"]),
        (("eq", "010"), ["10"]),
        (("lt", "10"), ["9", "x10"]),
        (("gt", "9"), ["10"]),
        (("contains", "10"), ["10", "x10"]),
        (("contains", "X"), []),
        (("starts_with", "x"), ["x10"]),
        (("starts_with", "%"), []),
    ],
)
def test_values_are_compared_as_text_or_as_numbers(
    reader: StickerReader, test: tuple[str, ...], values: list[str]
) -> None:
    assert found(reader, *test) == values


@pytest.mark.parametrize(
    ("order", "values"),
    [
        ("uri", ["9", "10", "x10"]),
        ("-uri", ["x10", "10", "9"]),
        ("value", ["10", "9", "x10"]),
        ("-value", ["x10", "9", "10"]),
        ("value_int", ["x10", "9", "10"]),
        ("-value_int", ["10", "9", "x10"]),
    ],
)
def test_what_is_found_is_sorted(reader: StickerReader, order: str, values: list[str]) -> None:
    assert found(reader, order=order) == values


def test_a_directory_holds_what_is_below_it_and_nothing_of_its_neighbours(
    store: PlayerStore, reader: StickerReader
) -> None:
    for uri in ("a_/4.flac", "a", "a/b/5.flac", "A/6.flac", "a0.flac"):
        store.edit_sticker(SetSticker(Subject("song", uri), "rating", uri))
    assert found(reader, below="a") == ["9", "10", "x10", "a/b/5.flac"]
    assert found(reader, below="_") == []


@pytest.mark.parametrize(
    ("before", "after"), [("9", "12"), ("-1", "2"), ("seven", "3"), ("7up", "10"), ("", "3")]
)
def test_a_number_is_counted_up(
    store: PlayerStore, reader: StickerReader, before: str, after: str
) -> None:
    store.edit_sticker(SetSticker(ONE, "count", before))
    assert store.edit_sticker(CountSticker(ONE, "count", 3, 5))
    assert reader.value(ONE, "count") == after


def test_a_number_that_is_not_there_begins(store: PlayerStore, reader: StickerReader) -> None:
    assert store.edit_sticker(CountSticker(ONE, "count", -3, 3))
    assert reader.value(ONE, "count") == "3"
    assert store.edit_sticker(CountSticker(ONE, "count", -4, 4))
    assert reader.value(ONE, "count") == "-1"


def test_one_or_all_of_a_subject_are_removed(store: PlayerStore, reader: StickerReader) -> None:
    for name in ("a", "b", "c"):
        store.edit_sticker(SetSticker(ONE, name, name))
    assert store.edit_sticker(RemoveSticker(ONE, "b"))
    assert not store.edit_sticker(RemoveSticker(ONE, "b"))
    assert reader.all_of(ONE) == [("a", "a"), ("c", "c"), ("rating", "9")]
    assert store.edit_sticker(RemoveSticker(ONE, None))
    assert not store.edit_sticker(RemoveSticker(ONE, None))
    assert reader.all_of(ONE) == []
    assert reader.value(TWO, "rating") == "10"


def test_names_are_listed_once(store: PlayerStore, reader: StickerReader) -> None:
    store.edit_sticker(SetSticker(Subject("Artist", "Ä"), "rating", "1"))
    store.edit_sticker(SetSticker(ONE, "mood", "calm"))
    assert reader.names() == ["mood", "rating"]
    assert reader.names_and_kinds(None) == [
        ("mood", "song"), ("rating", "Artist"), ("rating", "song"),
    ]  # fmt: skip
    assert reader.names_and_kinds("Artist") == [("rating", "Artist")]
    assert reader.names_and_kinds("playlist") == []


def test_names_that_are_no_text_survive(store: PlayerStore, reader: StickerReader) -> None:
    odd = Subject("song", "a/\udcff.flac")
    store.edit_sticker(SetSticker(odd, "\udcfe", "\udcfd"))
    assert reader.all_of(odd) == [("\udcfe", "\udcfd")]
    assert reader.value(odd, "\udcfe") == "\udcfd"


def test_a_database_that_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened; check its directory"):
        StickerReader(tmp_path / "absent.db").names()

"""Stickers: named values that clients attach to songs, playlists, filters and tags' values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TypeAlias

SONG = "song"
PLAYLIST = "playlist"
FILTER = "filter"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a sticker is attached to.

    Attributes:
        kind: ``song``, ``playlist``, ``filter``, or a tag's canonical name.
        uri: which one of them: a song's URI, a playlist's name, a filter, a tag's value.
    """

    kind: str
    uri: str


@dataclass(frozen=True, slots=True)
class SetSticker:
    """Give a sticker a value, whether there is one or not."""

    subject: Subject
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class CountSticker:
    """Add to a sticker's number.

    Attributes:
        first: the number if there is no such sticker yet.
    """

    subject: Subject
    name: str
    difference: int
    first: int


@dataclass(frozen=True, slots=True)
class RemoveSticker:
    """Remove a sticker, or all of a subject.

    Attributes:
        name: None = all.
    """

    subject: Subject
    name: str | None


StickerEdit: TypeAlias = SetSticker | CountSticker | RemoveSticker


class Comparison(StrEnum):
    """How a value is compared: as text, or as the whole number it begins with."""

    EQUALS = "="
    LESS = "<"
    GREATER = ">"
    NUMBER_EQUALS = "eq"
    NUMBER_LESS = "lt"
    NUMBER_GREATER = "gt"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"


class StickerOrder(Enum):
    """What found stickers are sorted by."""

    URI = "uri"
    VALUE = "value"
    NUMBER = "value_int"


@dataclass(frozen=True, slots=True)
class StickerSearch:
    """Which stickers to find, and in which order.

    Attributes:
        below: a directory, for songs; empty = everywhere.
        test: a comparison and what is compared with; None = any value.
    """

    kind: str
    below: str
    name: str
    test: tuple[Comparison, str] | None = None
    order: StickerOrder = StickerOrder.URI
    descending: bool = False

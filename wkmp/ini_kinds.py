"""The kinds of values wkmp.ini may hold: how each is read, written, and described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

T = TypeVar("T")

PERMISSIONS: Final = ("read", "add", "player", "control", "admin")
_YES: Final = frozenset({"yes", "true", "on", "1"})
_NO: Final = frozenset({"no", "false", "off", "0"})


@dataclass(frozen=True, slots=True)
class Password:
    """A password, and what a client may do that has given it."""

    text: str
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One kind of value.

    Attributes:
        allowed: what may be written, in words; stands in wkmp.ini and in error messages.
        parse: turns text into a value; raises ValueError for anything not allowed.
        render: turns a value into text that ``parse`` accepts.
    """

    allowed: str
    parse: Callable[[str], T]
    render: Callable[[T], str] = str


def whole(lowest: int, highest: int, unit: str = "") -> Kind[int]:
    """Whole numbers, both ends included."""

    def parse(text: str) -> int:
        value = int(text)
        if not lowest <= value <= highest:
            raise ValueError(text)
        return value

    of_unit = f" {unit}" if unit else ""
    return Kind(f"a whole number from {lowest} to {highest}{of_unit}", parse)


def number(lowest: float, highest: float, unit: str) -> Kind[float]:
    """Numbers with or without decimals, both ends included."""

    def parse(text: str) -> float:
        value = float(text)
        if not lowest <= value <= highest:  # which NaN is not either
            raise ValueError(text)
        return value

    return Kind(
        f"a number from {lowest:g} to {highest:g} {unit}", parse, lambda value: f"{value:g}"
    )


def yes_no() -> Kind[bool]:
    """A switch."""

    def parse(text: str) -> bool:
        if text.lower() in _YES | _NO:
            return text.lower() in _YES
        raise ValueError(text)

    return Kind("yes or no", parse, lambda value: "yes" if value else "no")


def one_of(*words: str) -> Kind[str]:
    """One word out of a few; upper and lower case are the same."""
    by_lower = {word.lower(): word for word in words}

    def parse(text: str) -> str:
        if text.lower() not in by_lower:
            raise ValueError(text)
        return by_lower[text.lower()]

    return Kind("one of " + ", ".join(words), parse)


def one_number_of(*numbers: int, unit: str) -> Kind[int]:
    """One number out of a few."""

    def parse(text: str) -> int:
        if int(text) not in numbers:
            raise ValueError(text)
        return int(text)

    return Kind(f"one of {', '.join(map(str, numbers))} {unit}", parse)


def line(allowed: str) -> Kind[str]:
    """Any text on one line, but not nothing."""

    def parse(text: str) -> str:
        if not text or "\n" in text:
            raise ValueError(text)
        return text

    return Kind(allowed, parse)


def line_or_none(allowed: str) -> Kind[str | None]:
    """Any text on one line, or None."""
    some = line(allowed)
    return Kind(
        allowed,
        lambda text: None if text == "none" else some.parse(text),
        lambda value: "none" if value is None else value,
    )


def addresses() -> Kind[tuple[str, ...]]:
    """Network addresses to listen on; empty = none."""
    return Kind(
        "addresses with commas between them (0.0.0.0 = every network), or none",
        lambda text: () if text == "none" else _words(text),
        lambda value: ", ".join(value) or "none",
    )


def folder() -> Kind[Path]:
    """An absolute path; ``~`` is the user's home."""
    return Kind("an absolute path (~ is your home directory)", _absolute)


def path_or_none() -> Kind[Path | None]:
    """An absolute path, or None."""
    return Kind(
        "an absolute path, or none",
        lambda text: None if text == "none" else _absolute(text),
        lambda value: "none" if value is None else str(value),
    )


def permissions() -> Kind[frozenset[str] | None]:
    """A set of MPD's permissions; None = chosen by whether there are passwords."""
    return Kind(
        f"auto, none, or some of {', '.join(PERMISSIONS)}",
        lambda text: None if text == "auto" else _permissions(text),
        lambda value: "auto" if value is None else _listed(value),
    )


def passwords() -> Kind[tuple[Password, ...]]:
    """One password a line, with its permissions."""

    def parse(text: str) -> tuple[Password, ...]:
        return tuple(_password(entry) for entry in text.splitlines() if entry.strip())

    return Kind(
        f"lines of PASSWORD@PERMISSIONS (some of {', '.join(PERMISSIONS)})",
        parse,
        lambda value: "".join(f"\n    {p.text}@{_listed(p.permissions)}" for p in value),
    )


def _words(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(","))
    if not all(words):
        raise ValueError(text)
    return words


def _absolute(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError(text)
    return path


def _permissions(text: str) -> frozenset[str]:
    if text == "none":
        return frozenset()
    chosen = frozenset(_words(text))
    if not chosen <= set(PERMISSIONS):
        raise ValueError(text)
    # As in MPD: whoever may control may also play.
    return chosen | {"player"} if "control" in chosen else chosen


def _listed(chosen: frozenset[str]) -> str:
    return ",".join(name for name in PERMISSIONS if name in chosen) or "none"


def _password(entry: str) -> Password:
    text, _, rights = entry.strip().rpartition("@")
    if not text:
        raise ValueError(entry)
    return Password(text, _permissions(rights))

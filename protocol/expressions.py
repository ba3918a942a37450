"""Filters in parentheses: ``((artist == 'X') AND (!(album contains "Y")))``.

Tags, ``file`` and ``any`` with the operators of ``protocol.comparisons``; ``base``,
``modified-since``, ``AudioFormat`` with ``==`` and ``=~``, ``prio >= N``; joined by ``AND`` and
turned by ``!``. Refusals are worded as MPD's are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from library.tag_names import canonical_tag
from playback.song import Song
from protocol.arguments import refused
from protocol.comparisons import Test, operator_at
from protocol.moments import moment
from protocol.queued_songs import at_least
from protocol.sound_formats import has_format

Matches: TypeAlias = Callable[[Song], bool]
Condition: TypeAlias = Callable[[str, Test], Matches]
"""Makes a filter of the name of what is compared, and of the comparison."""

DEEPEST: Final = 100
"""Groups within groups; more are no filter that anybody means, and would end the stack."""
_WORD: Final = re.compile(r"[A-Za-z_-]+")
_AT_LEAST: Final = re.compile(r">=\s*(\d{1,9})", re.ASCII)


def modified_since(argument: str) -> Matches:
    """Return the filter of what has changed since a point in time.

    Raises:
        AckError: it is no point in time.
    """
    since_s = moment(argument)
    return lambda song: song.last_modified is not None and song.last_modified >= since_s


def below(place: str) -> Matches:
    """Return the filter of a directory, or of a song, by its URI."""
    prefix = f"{place}/" if place else ""
    return lambda song: song.uri == place or song.uri.startswith(prefix)


class Expression:
    """Reads one expression from left to right.

    Args:
        text: it begins with a parenthesis.
        folded: compare in any case.
        condition: makes a filter of a name and a comparison.
    """

    def __init__(self, text: str, *, folded: bool, condition: Condition) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._folded = folded
        self._condition = condition

    def whole(self) -> Matches:
        """Read it to its end.

        Raises:
            AckError: in MPD's words.
        """
        matches = self._group()
        if self._at < len(self._text):
            raise refused("Unparsed garbage after expression")
        return matches

    def _group(self) -> Matches:
        self._depth += 1
        if self._depth > DEEPEST:
            raise refused(f"Expression is nested more than {DEEPEST} deep")
        matches = self._inside()
        self._depth -= 1
        return matches

    def _inside(self) -> Matches:
        self._expect("(")
        if self._next() == "(":
            return self._joined()
        if self._next() == "!":
            self._expect("!")
            inner = self._group()
            self._expect(")")
            return lambda song: not inner(song)
        return self._comparison()

    def _joined(self) -> Matches:
        parts = [self._group()]
        while self._next() != ")":
            if self._word() != "AND":
                raise refused("'AND' expected")
            parts.append(self._group())
        self._expect(")")
        return lambda song: all(part(song) for part in parts)

    def _comparison(self) -> Matches:
        name = self._word()
        special = self._special(name.lower())
        if special is not None:
            return special
        if name.lower() not in {"base", "file", "filename", "any"} and canonical_tag(name) is None:
            raise refused(f"Unknown filter type: {name}")
        matches = self._compared(name)
        self._expect(")")
        return matches

    def _special(self, name: str) -> Matches | None:
        """Read a condition that is no comparison of texts."""
        match name:
            case "base":
                matches = below(self._quoted())
            case "modified-since":
                matches = modified_since(self._quoted())
            case "audioformat":
                matches = self._format()
            case "prio":
                matches = self._priority()
            case _:
                return None
        self._expect(")")
        return matches

    def _format(self) -> Matches:
        operator = self._text[self._at : self._at + 2]
        if operator not in {"==", "=~"}:
            raise refused("'==' or '=~' expected")
        self._move_to(self._at + 2)
        return has_format(self._quoted(), is_mask=operator == "=~")

    def _priority(self) -> Matches:
        found = _AT_LEAST.match(self._text, self._at)
        if found is None:
            raise refused("'>=' and a number expected")
        self._move_to(found.end())
        return at_least(int(found[1]))

    def _compared(self, name: str) -> Matches:
        operator = operator_at(self._text, self._at, folded=self._folded)
        self._move_to(operator.end)
        matches = self._condition(name, operator.test(self._quoted()))
        if operator.negated:
            return lambda song: not matches(song)
        return matches

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _expect(self, sign: str) -> None:
        if self._next() != sign:
            raise refused(f"'{sign}' expected")
        self._move_to(self._at + 1)

    def _word(self) -> str:
        found = _WORD.match(self._text, self._at)
        if found is None:
            raise refused("Word expected")
        self._move_to(found.end())
        return found[0]

    def _quoted(self) -> str:
        quote = self._next()
        if quote not in {"'", '"'}:
            raise refused("Quoted string expected")
        value: list[str] = []
        at = self._at + 1
        while at < len(self._text) and self._text[at] != quote:
            at += self._text[at] == "\\"
            value.append(self._text[at : at + 1])
            at += 1
        if at >= len(self._text):
            raise refused("Closing quote not found")
        self._move_to(at + 1)
        return "".join(value)

    def _move_to(self, at: int) -> None:
        """Go on behind what was read, and behind blanks."""
        while at < len(self._text) and self._text[at] in " \t":
            at += 1
        self._at = at

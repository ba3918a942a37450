"""How filter expressions compare texts: ``==``, ``contains``, ``starts_with``, and their like.

``find`` minds case and ``search`` does not; ``eq_cs``, ``contains_ci`` and so on say it themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from protocol.arguments import refused

Test: TypeAlias = Callable[[str], bool]

_OPERATOR: Final = re.compile(
    r"(?P<equal>==)|(?P<unequal>!=)"
    r"|(?P<negated>!?)(?P<word>contains|starts_with|eq(?=_c))(?P<case>_c[is])?[ \t]"
)
_COMPARE: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "eq": lambda value, wanted: value == wanted,
    "contains": lambda value, wanted: wanted in value,
    "starts_with": lambda value, wanted: value.startswith(wanted),
}


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator that was read.

    Attributes:
        end: where the text goes on behind it.
        word: ``eq``, ``contains`` or ``starts_with``.
        negated: whether what it says must not be so.
        folded: whether any case will do.
    """

    end: int
    word: str
    negated: bool
    folded: bool

    def test(self, wanted: str) -> Test:
        """Return the comparison with ``wanted``, not negated."""
        compare = _COMPARE[self.word]
        if not self.folded:
            return lambda value: compare(value, wanted)
        folded = wanted.casefold()
        return lambda value: compare(value.casefold(), folded)


def operator_at(text: str, at: int, *, folded: bool) -> Operator:
    """Read the operator at a place.

    Args:
        text: a filter.
        at: where the operator begins.
        folded: whether any case will do, if it does not say so itself.

    Raises:
        AckError: there is none.
    """
    found = _OPERATOR.match(text, at)
    if found is None:
        raise refused("'==' or '!=' expected")
    if found["case"] is not None:
        folded = found["case"] == "_ci"
    negated = bool(found["unequal"] or found["negated"])
    return Operator(found.end(), found["word"] or "eq", negated, folded)

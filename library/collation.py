"""The order of names as a listener expects it: ``é`` beside ``e``, ``a`` before ``B``.

MPD sorts with the ICU library's root collation. This is the same order for Latin, Greek and
Cyrillic names and ASCII signs, in three levels: letters first, then accents, then case. Other
scripts follow in the order of their code points.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias

CollationKey: TypeAlias = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]

_SIGNS: Final[Mapping[str, int]] = {
    sign: place for place, sign in enumerate(" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789")
}
_STRUCK_THROUGH: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t"})
_OTHER_SIGNS: Final = _SIGNS["$"]
"""Signs that are not ASCII (an emoji, say) stand here, before the digits."""


@lru_cache(maxsize=1024)
def collation_key(text: str) -> CollationKey:
    """Return a key that sorts ``text`` among other names."""
    letters: list[int] = []
    accents: list[int] = []
    cases: list[int] = []
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.combining(character):
            if accents:
                accents[-1] = ord(character)
            continue
        folded = character.casefold().replace("æ", "ae").replace("œ", "oe")
        plain = folded.translate(_STRUCK_THROUGH)
        letters.extend(_place(letter) for letter in plain)
        accents.extend([0] * len(plain) if plain == folded else [1] * len(plain))
        cases.extend([int(character != folded)] * len(plain))
    return tuple(letters), tuple(accents), tuple(cases)


def _place(character: str) -> int:
    if (place := _SIGNS.get(character)) is not None:
        return place
    if character.isalpha() or character.isdigit():
        return len(_SIGNS) + ord(character)
    return _OTHER_SIGNS

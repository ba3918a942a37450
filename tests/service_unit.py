"""deploy/wkmp.service, read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

UNIT: Final = Path(__file__).parents[1] / "deploy" / "wkmp.service"


def unit(section: str = "Service") -> Mapping[str, Sequence[str]]:
    """Return every key of a section with its values, in order."""
    text = UNIT.read_text("utf-8").partition(f"[{section}]\n")[2].partition("\n[")[0]
    values: dict[str, list[str]] = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        values.setdefault(key, []).append(value)
    return values


def only(key: str) -> str:
    """Return the value of a key that is there once."""
    [value] = unit()[key]
    return value


def command() -> list[str]:
    """Return the words of ExecStart."""
    return shlex.split(only("ExecStart"))


def environment() -> dict[str, str]:
    """Return what the unit puts into the environment."""
    return dict(each.split("=", 1) for each in unit()["Environment"])

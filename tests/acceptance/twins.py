"""Sabotaged twins: an acceptance test without the event it is about must fail.

    @twin(without(Enqueued, to="DecoderActor"))
    def test_tc_ed_001_…(stages: Stages) -> None: ...

``test_sabotage.py`` runs every twin: the same function, on stages where the messages named are
lost and no watchdog heals it. A test that asserts that *nothing* is put right is sabotaged the
other way round, with the watchdog at work: it must find the loss (``found``), or its rounds would
be blind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.wiretap import Loss

F = TypeVar("F", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Twin:
    """How a test is sabotaged.

    Attributes:
        losses: what never arrives; nothing if it is the watchdog that the test is about.
        watched: the watchdog runs as the test wants it; else it is off.
        found: the watchdog must have intervened.
    """

    losses: tuple[Loss, ...]
    watched: bool
    found: bool


def without(kind: type, *, to: str, when: Callable[[Any], bool] = lambda _: True) -> Loss:
    """Return the loss of an event at its receiver."""
    return Loss(kind, to, when)


def twin(*losses: Loss, watched: bool = False, found: bool = False) -> Callable[[F], F]:
    """Give an acceptance test a sabotaged twin; it may have several. See ``Twin``."""

    def give(test: F) -> F:
        sabotage = Twin(losses, watched=watched or found, found=found)
        test.__dict__.setdefault("twins", []).append(sabotage)
        return test

    return give


def twins_of(test: Callable[..., None]) -> list[Twin]:
    """Return the twins of an acceptance test, the uppermost first."""
    return list(reversed(test.__dict__.get("twins", [])))

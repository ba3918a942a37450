"""Which outputs are on after a restart, whatever became of wkmp.ini in between."""

from __future__ import annotations

from dataclasses import replace

from playback.outputs import remembered, saved_of
from playback.status import OutputStatus

CARD = OutputStatus(0, "Card", "alsa", enabled=True, device="hw:0")
FILE = OutputStatus(1, "File", "file", enabled=False)


def test_at_the_first_start_they_are_as_configured() -> None:
    assert remembered((CARD, FILE), ()) == (CARD, FILE)


def test_what_was_switched_stays_so() -> None:
    saved = (replace(CARD, enabled=False), replace(FILE, enabled=True))
    assert remembered((CARD, FILE), saved) == saved


def test_they_are_known_by_their_names_wherever_they_stand() -> None:
    saved = (replace(CARD, enabled=False), replace(FILE, enabled=True))
    moved = (replace(FILE, id=0), replace(CARD, id=1))
    assert [each.enabled for each in remembered(moved, saved)] == [True, False]


def test_one_that_is_alone_may_have_got_another_name() -> None:
    renamed = replace(CARD, name="DAC")
    assert remembered((renamed,), (replace(CARD, enabled=False),)) == (
        replace(renamed, enabled=False),
    )
    assert saved_of(renamed, (renamed, FILE), (CARD,)) is None


def test_a_device_is_a_users_choice_only_while_it_is_used() -> None:
    saved = (replace(CARD, device="hw:1", chosen=True),)
    assert not remembered((CARD,), saved)[0].chosen
    assert remembered((replace(CARD, device="hw:1"),), saved)[0].chosen

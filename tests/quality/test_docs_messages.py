"""docs/messages.md names every message, as the source has it."""

from __future__ import annotations

import typing

import pytest

from actors import messages
from actors.address import DeadlineReached
from tests.quality.message_table import DOCUMENT, render, rows

INBOXES = [
    messages.QueueInbox,
    messages.DecoderInbox,
    messages.BufferInbox,
    messages.MixerInbox,
    messages.StorageInbox,
    messages.WatchdogInbox,
]


def test_the_document_is_what_the_source_says() -> None:
    again = "python -m tests.quality.message_table > docs/messages.md"
    assert DOCUMENT.read_text(encoding="utf-8") == render(), f"run: {again}"


@pytest.mark.parametrize("inbox", INBOXES, ids=range(len(INBOXES)))
def test_every_message_that_an_inbox_takes_is_in_the_document(inbox: object) -> None:
    taken = {each.__name__ for each in typing.get_args(inbox) if each is not DeadlineReached}
    assert len(taken) > 3
    assert taken - {row.name for row in rows()} == set()


def test_every_message_says_who_tells_whom_what() -> None:
    for row in rows():
        assert row.meaning.endswith("."), row
        assert "→" not in row.meaning, row

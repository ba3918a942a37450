"""Questions to several actors in turn: each is put by whoever has answered the one before.

The order is what it would be if the asker put them one by one; but the asker sleeps once, not
once per question.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pykka

from actors.address import ReplyTo, Request, error_in


class Asked(Protocol):
    """Somebody into whose inbox a question can be put."""

    @property
    def name(self) -> str:
        """What it is called."""

    def put_question(self, request: Request[Any], reply_to: ReplyTo) -> None:
        """Ask without waiting."""


Question = tuple[Asked, Request[Any]]


def ask_in_turn(questions: Sequence[Question], *, timeout_s: float) -> list[Any]:
    """Ask one after another and wait for the last answer; returns all of them.

    Args:
        questions: whom, and what.
        timeout_s: how long each of them may take.

    Raises:
        pykka.Timeout: somebody took longer; nobody behind is asked.
        Exception: whatever a handler raised.
    """
    turn = _Turn(questions)
    turn.begin()
    while True:
        answered = len(turn.answers)
        try:
            failure = turn.over.get(timeout=timeout_s)
        except queue.Empty:
            if len(turn.answers) > answered:
                continue
            turn.given_up = True
            silent = questions[answered][0].name
            raise pykka.Timeout(f"{silent} gave no answer in {timeout_s:g} s") from None
        if failure is not None:
            raise failure
        return turn.answers


class _Turn:
    """The reply to each question; the answering thread goes on with the next."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._rest: Iterator[Question] = iter(questions)
        self.answers: list[Any] = []
        self.over: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self.given_up = False

    def begin(self) -> None:
        """Put the first question."""
        self._go_on()

    def set(self, value: Any) -> None:  # noqa: ANN401 - whatever the question is answered with
        """Take an answer, and put the next question."""
        self.answers.append(value)
        if not self.given_up:
            self._go_on()

    def set_exception(self, exc_info: Any = None) -> None:  # noqa: ANN401 - Pykka's own tuple
        """Take an exception: nobody behind is asked."""
        self.over.put(error_in(exc_info))

    def _go_on(self) -> None:
        following = next(self._rest, None)
        if following is None:
            self.over.put(None)
        else:
            whom, what = following
            whom.put_question(what, self)

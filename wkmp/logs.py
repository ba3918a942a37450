"""Where log lines go and how they look.

Our modules and the libraries use ``logging``; one handler passes everything to loguru, which
writes it to standard error: readable on a terminal, with the journal's priority prefix under
systemd, or as JSON lines with fixed fields. Nothing here starts a thread.
"""

from __future__ import annotations

import json
import logging
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Final, TextIO

from loguru import logger

from wkmp.journal import goes_to_journal
from wkmp.repeats import Repeats

if TYPE_CHECKING:
    from loguru import Message, Record

_TERMINAL: Final = (
    "<dim>{time:HH:mm:ss.SSS}</dim> <level>{level: <7}</level> "
    "<dim>{extra[logger]}:</dim> <level>{message}</level>"
)
_log = logging.getLogger(__name__)
# What the journal understands, see sd-daemon(3).
_PRIORITIES: Final = ((50, 2), (40, 3), (30, 4), (20, 6), (0, 7))


def configure(
    level: str, style: str = "auto", stream: TextIO | None = None, *, color: bool | None = None
) -> None:
    """Send every log line of the process to one place.

    Args:
        level: the least important one shown: debug, info, warning or error.
        style: auto, terminal, journald or json.
        stream: where to; None = standard error.
        color: None = only if the stream is a terminal.
    """
    target = stream or sys.stderr
    if style == "auto":
        style = "journald" if goes_to_journal(target) else "terminal"
    logger.remove()
    if style == "terminal":
        _to_terminal(target, color=color)
    else:
        render = _as_json if style == "json" else _for_journal
        logger.add(
            lambda message: _write(target, render(message)),
            level=0,
            format="{message}",
            diagnose=False,
        )
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, ToLoguru):
            root.removeHandler(handler)
    root.addHandler(ToLoguru())
    root.setLevel(level.upper())
    # The supervisor says what pykka says, and says it once.
    logging.getLogger("pykka").setLevel(logging.CRITICAL)


def listen_to_the_interpreter() -> None:
    """Log what Python itself would write: warnings, and the error that ends the process."""
    logging.captureWarnings(capture=True)
    sys.excepthook = _say_what_was_unexpected


class ToLoguru(logging.Handler):
    """Passes the records of ``logging`` on; drops repeats of the same fault."""

    def __init__(self) -> None:
        super().__init__()
        self._repeats = Repeats()

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one record over."""
        try:
            self._hand_over(record)
        except Exception:  # noqa: BLE001  (a library's faulty line must not hurt who logs it)
            self.handleError(record)

    def _hand_over(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.levelno >= logging.WARNING:
            passed = self._repeats.passed(_fault_of(record), message, record.created)
            if passed is None:
                return
            message = passed
        level = record.levelname if record.levelno in _KNOWN else record.levelno
        sink = logger.bind(logger=record.name, thread=record.threadName)
        sink.opt(exception=record.exc_info).log(level, message)


def _fault_of(record: logging.LogRecord) -> tuple[str, str, str]:
    """Return what a line is about: its words without the numbers, which count or name instances."""
    given = record.args if isinstance(record.args, tuple) else (record.args,)
    words = tuple(str(each) for each in given if not isinstance(each, int | float))
    return record.name, str(record.msg), repr(words)


def _say_what_was_unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    _log.critical("wkmp ends by an unexpected error; this is a bug", exc_info=(kind, error, trace))


_KNOWN: Final = frozenset({10, 20, 30, 40, 50})


def _to_terminal(target: TextIO, *, color: bool | None) -> None:
    # diagnose would print the values of local variables, passwords among them.
    logger.add(target, level=0, format=_TERMINAL, colorize=color, diagnose=False)


def _write(target: TextIO, text: str) -> None:
    target.write(text)
    target.flush()


def _for_journal(message: Message) -> str:
    record = message.record
    priority = next(value for level, value in _PRIORITIES if record["level"].no >= level)
    text = f"{record['extra']['logger']}: {str(message).rstrip()}"
    return "".join(f"<{priority}>{line}\n" for line in text.splitlines())


def _as_json(message: Message) -> str:
    record = message.record
    fields = {
        "time": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "logger": record["extra"]["logger"],
        "thread": record["extra"]["thread"],
        "message": record["message"],
    }
    if record["exception"] is not None:
        fields["exception"] = _exception_text(message, record)
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _exception_text(message: Message, record: Record) -> str:
    return str(message).removeprefix(record["message"]).strip()

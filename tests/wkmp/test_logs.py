from __future__ import annotations

import io
import json
import logging
import os

import pytest

from wkmp import logs

WATCHDOG_LINE = (
    "[WATCHDOG] Event system failure detected: Current passage 17 has no buffer. "
    "Intervention: Requesting immediate decode. This indicates a bug in event-driven logic."
)

pytestmark = pytest.mark.usefixtures("root_logger_as_before")


def logged(style: str, *, level: str = "info") -> tuple[io.StringIO, logging.Logger]:
    stream = io.StringIO()
    logs.configure(level, style, stream, color=False)
    return stream, logging.getLogger("actors.mixer")


def log_exception(log: logging.Logger) -> None:
    try:
        os.close(-1)
    except OSError:
        log.exception("lost")


def test_a_terminal_line_has_time_level_source_and_text() -> None:
    stream, log = logged("terminal")
    log.warning("xrun on %s {sic}", "hw:1")
    assert stream.getvalue()[12:] == " WARNING actors.mixer: xrun on hw:1 {sic}\n"
    assert stream.getvalue()[2] == ":"


@pytest.mark.parametrize(
    ("level", "priority"),
    [("debug", 7), ("info", 6), ("warning", 4), ("error", 3), ("critical", 2)],
)
def test_a_journal_line_begins_with_its_priority(level: str, priority: int) -> None:
    stream, log = logged("journald", level="debug")
    getattr(log, level)("said")
    assert stream.getvalue() == f"<{priority}>actors.mixer: said\n"


def test_each_line_of_a_traceback_has_the_priority() -> None:
    stream, log = logged("journald")
    log_exception(log)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "<3>actors.mixer: lost"
    assert lines[-1] == "<3>OSError: [Errno 9] Bad file descriptor"
    assert all(line.startswith("<3>") for line in lines)


def test_a_json_line_has_stable_fields() -> None:
    stream, log = logged("json")
    log.error('a "quoted" error\nin two lines')
    fields = json.loads(stream.getvalue())
    assert list(fields) == ["time", "level", "logger", "thread", "message"]
    assert fields["level"] == "ERROR"
    assert fields["logger"] == "actors.mixer"
    assert fields["thread"] == "MainThread"
    assert fields["message"] == 'a "quoted" error\nin two lines'
    assert stream.getvalue().count("\n") == 1


def test_a_json_line_has_the_exception_apart() -> None:
    stream, log = logged("json")
    log_exception(log)
    fields = json.loads(stream.getvalue())
    assert fields["message"] == "lost"
    assert fields["exception"].startswith("Traceback")
    assert fields["exception"].endswith("Bad file descriptor")


def test_less_important_lines_are_not_shown() -> None:
    stream, log = logged("terminal", level="warning")
    log.info("chatter")
    assert stream.getvalue() == ""


def test_pykkas_own_words_are_not_repeated() -> None:
    stream, _ = logged("terminal")
    logging.getLogger("pykka").error("Unhandled exception in …")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("style", ["terminal", "journald", "json"])
@pytest.mark.intervention_expected
def test_the_watchdogs_line_stands_verbatim_every_time(style: str) -> None:
    stream, log = logged(style)
    log.warning(WATCHDOG_LINE)
    log.warning(WATCHDOG_LINE)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert all(WATCHDOG_LINE in line for line in lines)


def test_a_repeated_fault_is_shown_once() -> None:
    stream, log = logged("terminal")
    for _ in range(3):
        log.warning("the same")
    assert stream.getvalue().count("the same") == 1


def test_a_fault_that_only_counts_on_is_shown_once_but_not_one_of_something_else() -> None:
    stream, log = logged("terminal")
    for count in range(3):
        log.warning("The device ran dry (%d times)", count)
        log.warning("Output %s is lost after %d s", f"hw:{count}", count)
    assert stream.getvalue().count("ran dry") == 1
    assert stream.getvalue().count("is lost") == 3


@pytest.mark.parametrize("library", ["asyncio", "asyncio.sslproto", "urllib3", "py.warnings"])
def test_libraries_speak_the_same_way(library: str) -> None:
    stream, _ = logged("journald")
    logging.getLogger(library).warning("too many %s", "files")
    assert stream.getvalue() == f"<4>{library}: too many files\n"


def test_a_librarys_faulty_line_does_not_hurt_it(capsys: pytest.CaptureFixture[str]) -> None:
    stream, _ = logged("terminal")
    record = logging.makeLogRecord({"levelno": 30, "msg": "%d songs", "args": ("many",)})
    logs.ToLoguru().handle(record)
    assert stream.getvalue() == ""
    assert "Logging error" in capsys.readouterr().err


def test_configuring_twice_does_not_double_lines() -> None:
    logged("terminal")
    stream, log = logged("terminal")
    log.info("once")
    assert stream.getvalue().count("once") == 1

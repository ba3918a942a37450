"""FIFOs and programs: read, not read, read slowly, gone."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from audio.device import SampleFormat
from audio.pipe_sink import CommandSink, FifoSink
from playback.errors import SinkError
from tests.waiting import until

FULL = 1 << 20
"""More than a pipe holds."""


def fifo(path: Path) -> FifoSink:
    sink = FifoSink(path, SampleFormat.S16)
    sink.open()
    return sink


class Call:
    """Something called in a thread."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self.error: SinkError | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._call()
        except SinkError as error:
            self.error = error

    def wait(self) -> None:
        self.thread.join(10)
        assert not self.thread.is_alive(), "it still waits"


class TestFifo:
    def test_it_is_made_and_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "fifo"
        fifo(path).close()
        assert path.is_fifo()
        fifo(path).close()

    def test_while_nobody_reads_nothing_is_written_and_nobody_waits(self, tmp_path: Path) -> None:
        sink = fifo(tmp_path / "fifo")
        sink.write(memoryview(bytes(FULL)))
        reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
        sink.write(memoryview(b"new!"))
        assert os.read(reader, 100) == b"new!"
        os.close(reader)
        sink.close()

    def test_a_reader_that_goes_is_no_fault_and_another_one_may_come(self, tmp_path: Path) -> None:
        path = tmp_path / "fifo"
        sink = fifo(path)
        for word in (b"1st.", b"2nd."):
            reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            sink.write(memoryview(word))
            assert os.read(reader, 100) == word
            os.close(reader)
            sink.write(memoryview(b"lost"))
        sink.close()

    def test_a_slow_reader_gets_every_byte(self, tmp_path: Path) -> None:
        path = tmp_path / "fifo"
        sink = fifo(path)
        sent = os.urandom(FULL)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        writer = Call(lambda: sink.write(memoryview(sent)))
        got = b""
        while len(got) < FULL:
            try:
                got += os.read(reader, 1_000)
            except BlockingIOError:
                time.sleep(0)  # the writer's turn
        writer.wait()
        assert got == sent
        os.close(reader)
        sink.close()

    def test_a_write_that_waits_ends_when_it_is_given_up_and_none_follows(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "fifo"
        sink = fifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        writer = Call(lambda: sink.write(memoryview(bytes(FULL))))
        sink.give_up()
        writer.wait()
        held = len(os.read(reader, FULL))
        assert 0 < held < FULL
        sink.write(memoryview(b"late"))
        with pytest.raises(BlockingIOError):
            os.read(reader, 1)
        os.close(reader)
        sink.close()

    def test_something_else_at_its_place_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "song").write_text("music")
        with pytest.raises(SinkError, match="is no FIFO; move it away"):
            fifo(tmp_path / "song")
        assert (tmp_path / "song").read_text() == "music"

    def test_a_place_that_is_not_there_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(SinkError, match=r"cannot make the FIFO .*No such file"):
            fifo(tmp_path / "absent" / "fifo")

    def test_a_fifo_that_was_taken_away_is_an_error(self, tmp_path: Path) -> None:
        sink = fifo(tmp_path / "fifo")
        (tmp_path / "fifo").unlink()
        with pytest.raises(SinkError, match="cannot write"):
            sink.write(memoryview(b"lost"))


class TestCommand:
    def test_a_program_gets_every_byte_and_the_end(self, tmp_path: Path) -> None:
        out = tmp_path / "out"
        sink = CommandSink(f"cat > '{out}'; echo end >> '{out}'", SampleFormat.S16)
        sent = os.urandom(FULL)
        sink.open()
        sink.write(memoryview(sent))
        sink.close()
        assert out.read_bytes() == sent + b"end\n"

    def test_a_program_that_ends_is_named_with_its_status(self, tmp_path: Path) -> None:
        sink = CommandSink("exit 3", SampleFormat.S16)
        sink.open()
        with pytest.raises(SinkError, match="'exit 3' has ended with status 3"):
            sink.write(memoryview(bytes(FULL)))
        sink.close()
        out = tmp_path / "out"
        again = CommandSink(f"cat > '{out}'", SampleFormat.S16)
        again.open()
        again.write(memoryview(b"1234"))
        again.close()
        assert out.read_bytes() == b"1234"

    def test_a_program_that_reads_nothing_does_not_hold_up_the_end(self) -> None:
        sink = CommandSink("exec sleep 60", SampleFormat.S16)
        sink.open()
        writer = Call(lambda: sink.write(memoryview(bytes(FULL))))
        began_s = time.monotonic()
        sink.give_up()
        writer.wait()
        sink.close()
        assert time.monotonic() - began_s < 30  # the program itself takes 60

    def test_a_program_that_will_not_end_is_ended_with_all_it_has_started(
        self, tmp_path: Path
    ) -> None:
        pids = tmp_path / "pids"
        command = f"trap '' TERM; sleep 60 & echo $$ $! > '{pids}'; while :; do wait; done"
        sink = CommandSink(command, SampleFormat.S16)
        sink.open()
        until(lambda: pids.exists() and pids.read_text().endswith("\n"), "it runs")
        sink.close()
        started = [int(pid) for pid in pids.read_text().split()]
        until(lambda: all(map(gone, started)), "both are gone")

    def test_it_does_not_hear_what_the_terminal_says(self, tmp_path: Path) -> None:
        out = tmp_path / "out"
        sink = CommandSink(f"ps -o sid= -p $$ > '{out}'; cat > /dev/null", SampleFormat.S16)
        sink.open()
        sink.close()
        assert int(out.read_text()) != os.getsid(0)


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"

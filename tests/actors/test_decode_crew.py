"""Threads of the decode workers: one in reserve, none lost, lack of them reported."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from actors.crash_marks import CrashMarks
from actors.decode_crew import DecodeWorkers
from actors.decode_request import DecodeRequest
from actors.decode_worker import BufferNews, DecoderNews, Workshop
from actors.messages import DecodeFailed, WorkerExited
from audio.chain_source import ChainSource
from playback.errors import DecodeError, FailureKind
from playback.plan import Priority
from playback.units import ZERO_TICKS, ChainId, EntryId
from tests.spies import Spy

WAIT_S = 10.0


class Threads:
    """Counts the threads that are started, and can refuse to start more."""

    def __init__(self, start: Callable[[threading.Thread], None]) -> None:
        self._start = start
        self.started: list[threading.Thread] = []
        self.left = 1000
        self.changed = threading.Condition()

    def start(self, thread: threading.Thread) -> None:
        with self.changed:
            self.left -= 1
            self.changed.notify_all()
            if self.left < 0:
                raise RuntimeError("can't start new thread")
            self.started.append(thread)
        self._start(thread)

    def wait_for_attempts(self, left: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.left <= left, WAIT_S)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    threads = Threads(threading.Thread.start)

    def start(thread: threading.Thread) -> None:
        threads.start(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    return threads


@pytest.fixture
def decoder() -> Spy[DecoderNews]:
    return Spy()


@pytest.fixture
def crew(tmp_path: Path, decoder: Spy[DecoderNews], threads: Threads) -> Iterator[DecodeWorkers]:
    del threads
    buffers: Spy[BufferNews] = Spy()
    crew = DecodeWorkers(
        Workshop(
            locate=str,
            open_source=ChainSource,
            marks=CrashMarks(tmp_path),
            decoder=decoder,
            buffers=buffers,
            rate_hz=44_100,
        )
    )
    yield crew
    crew.close()


def request(chain: int) -> DecodeRequest:
    return DecodeRequest(
        EntryId(chain), ChainId(chain), f"{chain}.flac", ZERO_TICKS, None, Priority.NEXT
    )


def test_every_request_has_its_own_thread_and_one_waits_in_reserve(
    crew: DecodeWorkers, threads: Threads, decoder: Spy[DecoderNews]
) -> None:
    workers = [crew.request(request(chain)) for chain in range(5)]
    threads.wait_for_attempts(1000 - 6)
    for worker in workers:
        worker.cancel()
    exited = decoder.wait_for(WorkerExited, 5)
    assert {message.chain_id for message in exited} == set(range(5))


def test_closing_leaves_no_thread_and_can_be_followed_by_a_request(
    crew: DecodeWorkers, threads: Threads, decoder: Spy[DecoderNews]
) -> None:
    for chain in range(2):
        crew.request(request(chain)).cancel()
        decoder.wait_for(WorkerExited, chain + 1)
        threads.wait_for_attempts(1000 - 2 * (chain + 1))
        crew.close()
        crew.close()
        for thread in threads.started:
            thread.join(WAIT_S)
    assert [thread for thread in threads.started if thread.is_alive()] == []


def test_no_thread_at_all_refuses_the_request(crew: DecodeWorkers, threads: Threads) -> None:
    threads.left = 0
    with pytest.raises(DecodeError) as refused:
        crew.request(request(1))
    assert refused.value.kind is FailureKind.RESOURCES


def test_no_successor_refuses_the_next_request_and_the_one_at_work_goes_on(
    crew: DecodeWorkers, threads: Threads, decoder: Spy[DecoderNews]
) -> None:
    threads.left = 1
    first = crew.request(request(1))
    threads.wait_for_attempts(-1)
    kinds: list[FailureKind] = []
    try:
        crew.request(request(2))
        kinds += [message.kind for message in decoder.wait_for(DecodeFailed)]
        assert decoder.wait_for(WorkerExited) == [WorkerExited(ChainId(2))]
    except DecodeError as error:
        kinds.append(error.kind)
    assert kinds == [FailureKind.RESOURCES]
    decoder.clear()
    first.cancel()
    assert decoder.wait_for(WorkerExited) == [WorkerExited(ChainId(1))]


def test_a_request_after_the_lack_is_over_gets_a_thread_again(
    crew: DecodeWorkers, threads: Threads, decoder: Spy[DecoderNews]
) -> None:
    threads.left = 1
    first = crew.request(request(1))
    threads.wait_for_attempts(-1)
    first.cancel()
    decoder.wait_for(WorkerExited)
    threads.started[0].join(WAIT_S)
    threads.left = 2
    crew.request(request(2)).cancel()
    assert decoder.wait_for(WorkerExited, 2)[-1].chain_id == 2

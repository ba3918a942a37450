"""Each of the six actors dies while music plays: it is replaced, and the music goes on.

Death comes as a message that its handler cannot make sense of. Rounds run every 10 ms meanwhile,
and every test fails if one of them has to intervene.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np
import numpy.typing as npt
import pytest

from actors.address import InboxAddress
from actors.messages import (
    ChangeOptions,
    Flush,
    GiveSignOfLife,
    PlayPosition,
    SetPause,
    SkipNext,
    StopPlaying,
)
from playback.player import PlayerState
from playback.status import PlayerStatus
from tests import sounds
from tests.engine_rig import PERIOD, RATE_HZ, Rig
from tests.sounds import Codec
from tests.spies import TelemetrySpy

SECONDS = 6.0
DECLICK = 220  # 5 ms
ACTORS = ("queue", "decoder", "buffer", "mixer", "watchdog", "storage")
DISTURBING = ("queue", "decoder", "buffer", "mixer")
"""Without these no sound comes: the music goes on from where it was heard, with new chains."""

Frames = npt.NDArray[np.float32]


class Deadly:
    """Nothing that any actor understands."""


@dataclass
class House:
    """An engine that plays the first of three songs, each frame of which is like no other."""

    rig: Rig
    telemetry: TelemetrySpy
    songs: list[Frames]

    def address(self, name: str) -> InboxAddress[object]:
        address: InboxAddress[object] = getattr(self.rig.engine, name)
        return address

    def kill(self, name: str) -> None:
        """Let an actor die, and wait until its successor answers."""
        address = self.address(name)
        deaths = len(self.telemetry.restarts)
        address.tell(Deadly())
        address.ask(GiveSignOfLife(), timeout_s=5.0)
        assert self.telemetry.restarts[deaths:] == [address.name]

    def settle(self) -> None:
        """Let what was told be handled, by whoever is there."""
        for name in (*ACTORS, *ACTORS):
            self.address(name).ask(GiveSignOfLife(), timeout_s=5.0)

    def until_sounding(self) -> None:
        """Wait until everything that will be played is decoded, and sound comes."""
        self.rig.until(lambda status: status.advancing)
        self.rig.wait_decoded()
        self.rig.device.wait_filled()

    def place(self, heard: Frames, song: int = 0) -> int:
        """Find out where in a song a stretch of what was heard is."""
        frames = self.songs[song]
        (at,) = np.flatnonzero((frames == heard[0]).all(axis=1))
        assert np.array_equal(frames[at : at + len(heard)], heard)
        return int(at)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    telemetry = TelemetrySpy()
    settings = {"watchdog_interval_ms": 10, "minimum_playback_buffer_ms": 500}
    with Rig(tmp_path, telemetry=telemetry, settings=settings) as rig:
        songs = []
        for seed in range(3):
            signal = sounds.noise(round(SECONDS * RATE_HZ), seed=seed)
            rig.add(sounds.make(tmp_path / f"{seed}.wav", signal, Codec.WAV16))
            songs.append(sounds.as_decoded(signal, Codec.WAV16))
        rig.do(ChangeOptions(volume=100))
        yield House(rig, telemetry, songs)
        assert telemetry.interventions == []


def play(house: House) -> int:
    """Play the first song for two and a half seconds; return the frames heard."""
    house.rig.do(PlayPosition(0))
    house.until_sounding()
    frames = round(2.5 * RATE_HZ)
    house.rig.device.run(frames)
    house.rig.device.wait_filled()
    return frames


def check_kept(house: House, before: PlayerStatus) -> None:
    """State, queue, order and options are what they were."""
    status = house.rig.status
    assert status.state is before.state
    assert status.current == before.current
    assert (status.entries, status.options) == (before.entries, before.options)
    assert status.outputs == before.outputs


@pytest.mark.parametrize("name", ACTORS)
def test_an_actor_that_dies_is_replaced_and_the_music_goes_on(house: House, name: str) -> None:
    heard = play(house)
    before = house.rig.status
    house.kill(name)
    house.settle()
    house.until_sounding()
    check_kept(house, before)
    rest = len(house.songs[0]) - heard
    house.rig.device.run(rest - RATE_HZ)
    after = house.rig.device.heard[heard:]
    goes_on = house.place(after[DECLICK + PERIOD :]) - DECLICK - PERIOD
    if name in DISTURBING:
        # At most back to the latest report, which comes every second; nothing is passed over.
        assert heard - 1.1 * RATE_HZ < goes_on <= heard
    else:
        assert goes_on == heard
    ends = len(house.songs[0]) - goes_on
    house.rig.device.run(heard + ends + RATE_HZ - len(house.rig.device.heard))
    second = house.rig.device.heard[heard + ends :]
    assert np.array_equal(second, house.songs[1][:RATE_HZ])


@pytest.mark.parametrize("name", ACTORS)
def test_an_actor_that_dies_in_a_pause_is_replaced_and_a_resume_goes_on_at_the_frame(
    house: House, name: str
) -> None:
    heard = play(house)
    house.rig.do(SetPause(True))
    house.rig.device.wait_drops(1)
    house.settle()
    before = house.rig.status
    house.kill(name)
    house.settle()
    check_kept(house, before)
    assert house.rig.status.elapsed_s == pytest.approx(before.elapsed_s)
    silent = len(house.rig.device.heard)
    house.rig.do(SetPause(False))
    house.until_sounding()
    house.rig.device.run(RATE_HZ)
    after = house.rig.device.heard[silent:]
    sound = int(np.argmax(after.any(axis=1)))
    ramp = 2 * PERIOD
    assert house.place(after[sound + ramp :]) - ramp == heard


@pytest.mark.parametrize("name", ACTORS)
def test_an_actor_that_dies_while_stopped_starts_nothing(house: House, name: str) -> None:
    before = house.rig.status
    house.kill(name)
    house.settle()
    check_kept(house, before)
    assert before.state is PlayerState.STOP
    assert house.rig.device.opens == 0
    play(house)
    assert house.place(house.rig.device.heard) == 0


@pytest.mark.parametrize("second", DISTURBING)
@pytest.mark.parametrize("first", DISTURBING)
def test_two_that_die_one_right_after_the_other_are_replaced(
    house: House, first: str, second: str
) -> None:
    play(house)
    for name in (first, second):
        house.address(name).tell(Deadly())
    house.settle()
    assert sorted(house.telemetry.restarts) == sorted(
        house.address(name).name for name in (first, second)
    )
    assert not house.rig.gave_up.is_set()
    house.until_sounding()
    before = len(house.rig.device.heard)
    house.rig.device.run(RATE_HZ)
    house.place(house.rig.device.heard[before + DECLICK + PERIOD :])


def test_the_third_death_within_a_minute_ends_the_process(house: House) -> None:
    play(house)
    for name in ("decoder", "mixer"):
        house.kill(name)
    assert not house.rig.gave_up.is_set()
    house.kill("buffer")
    assert house.rig.gave_up.wait(5.0)


def test_what_waits_behind_the_deadly_message_is_carried_out(house: House) -> None:
    play(house)
    queue = house.address("queue")
    queue.tell(Deadly())
    house.rig.do(SkipNext())
    assert house.rig.status.current == 1
    house.until_sounding()
    before = len(house.rig.device.heard)
    house.rig.device.run(RATE_HZ)
    assert house.place(house.rig.device.heard[before + DECLICK + PERIOD :], song=1) < 2 * RATE_HZ


def test_after_the_death_of_storage_everything_is_on_disk_again(house: House) -> None:
    play(house)
    house.kill("storage")
    house.rig.do(ChangeOptions(volume=37))
    house.rig.do(StopPlaying())
    saved: Event = Event()
    house.rig.engine.storage.tell(Flush(saved.set))
    assert saved.wait(5.0)
    stored = house.rig.store.load()
    assert stored.entries == house.rig.status.entries
    assert (stored.player.options.volume, stored.player.state) == (37, PlayerState.STOP)


def test_after_the_death_of_the_watchdog_rounds_go_on(house: House) -> None:
    play(house)
    house.kill("watchdog")
    rounds = house.telemetry.rounds
    house.rig.until(lambda _: house.telemetry.rounds >= rounds + 3)

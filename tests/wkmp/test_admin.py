from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from actors.messages import Done, Flush, SetSetting, UseDevice
from library.music_directory import MusicDirectory
from playback.errors import AckError
from playback.settings import Settings
from wkmp.admin import Admin, Pairs
from wkmp.sound_devices import Rank, SoundDevice

DEVICES = (
    SoundDevice("plughw:CARD=DAC,DEV=0", "USB Audio DAC", Rank.CARD),
    SoundDevice("sysdefault:CARD=vc4hdmi0", "vc4-hdmi-0", Rank.HDMI),
)


class House:
    """A QueueActor and a StorageActor that write down what they hear, in its order."""

    def __init__(self, *, value: object = None, change: int = 1) -> None:
        self.heard: list[object] = []
        self._done = Done(value, change)

    def ask_soon(self, request: Any, loop: asyncio.AbstractEventLoop) -> asyncio.Future[Any]:
        self.heard.append(request)
        answer: asyncio.Future[Any] = loop.create_future()
        answer.set_result(self._done)
        return answer

    def tell(self, message: Flush) -> None:
        self.heard.append("flush")
        message.done()


async def echoed(words: Sequence[str]) -> Pairs:
    return [("word", word) for word in words]


def asked(house: House, command: str, *words: str) -> Pairs:
    async def ask() -> Pairs:
        admin = Admin(
            queue=house,
            storage=house,
            settings=lambda: Settings(watchdog_interval_ms=50),
            devices=lambda: DEVICES,
            music=MusicDirectory(Path("/nonexistent")),
            analyze=echoed,
            loop=asyncio.get_running_loop(),
        )
        return await admin.commands()[command](words)

    return asyncio.run(asyncio.wait_for(ask(), 5))


def test_settings_are_listed_with_the_values_in_force() -> None:
    assert asked(House(), "settings", "list") == [
        ("watchdog_interval_ms", "50"),
        ("minimum_playback_buffer_ms", "3000"),
        ("maximum_decode_streams", "12"),
        ("watchdog_enabled", "1"),
    ]
    assert asked(House(), "settings", "get", "watchdog_interval_ms") == [
        ("watchdog_interval_ms", "50")
    ]


def test_a_setting_is_changed_by_the_queue_and_durable_before_the_answer() -> None:
    house = House(value=2000)
    answer = asked(house, "settings", "set", "watchdog_interval_ms", "9999")
    assert answer == [("watchdog_interval_ms", "2000")]
    assert house.heard == [SetSetting("watchdog_interval_ms", "9999"), "flush"]


def test_what_changes_nothing_need_not_be_saved() -> None:
    house = House(value=50, change=0)
    asked(house, "settings", "set", "watchdog_interval_ms", "50")
    assert house.heard == [SetSetting("watchdog_interval_ms", "50")]


def test_devices_are_listed_with_their_words() -> None:
    assert asked(House(), "devices") == [
        ("device", "plughw:CARD=DAC,DEV=0"),
        ("description", "USB Audio DAC"),
        ("device", "sysdefault:CARD=vc4hdmi0"),
        ("description", "vc4-hdmi-0"),
    ]


def test_a_device_is_chosen_by_a_part_of_its_words() -> None:
    house = House()
    assert asked(house, "device", "usb") == [
        ("playing_to", "USB Audio DAC (plughw:CARD=DAC,DEV=0)")
    ]
    assert house.heard == [UseDevice("alsa", "plughw:CARD=DAC,DEV=0"), "flush"]


def test_silence_can_be_chosen() -> None:
    house = House()
    asked(house, "device", "null")
    assert house.heard[0] == UseDevice("null", "")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("settings", ()),
        ("settings", ("get",)),
        ("settings", ("get", "nonsense")),
        ("settings", ("set", "nonsense", "1")),
        ("settings", ("forget", "x")),
        ("devices", ("x",)),
        ("device", ()),
        ("device", ("a",)),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    command: str, words: tuple[str, ...]
) -> None:
    house = House()
    with pytest.raises(AckError):
        asked(house, command, *words)
    assert house.heard == []

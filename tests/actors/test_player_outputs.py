"""The outputs as clients know them, and what MixerActor is told of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.messages import ChooseDevice, EnableOutput
from actors.player_outputs import PlayerOutputs
from playback.errors import AckCode, AckError
from playback.status import OutputStatus
from tests.spies import Spy

ON = OutputStatus(0, "Speakers", "alsa", enabled=True, device="default")


class Bench:
    def __init__(self, *statuses: OutputStatus, main_id: int | None = 0) -> None:
        self.mixer: Spy[ChooseDevice | EnableOutput] = Spy()
        self.outputs = PlayerOutputs(statuses or (ON,), self.mixer, main_id)


def test_switching_tells_the_mixer_what_changes() -> None:
    bench = Bench()
    on = [bench.outputs.switch(0, wanted) for wanted in (True, False, False, None, None)]
    assert on == [True, False, False, True, False]
    told = [message.enabled for message in bench.mixer.of(EnableOutput)]
    assert told == [False, True, False]
    assert not bench.outputs.statuses[0].enabled


@pytest.mark.parametrize("number", [-1, 1, 99])
def test_an_output_that_is_not_there_is_refused(number: int) -> None:
    bench = Bench()
    with pytest.raises(AckError, match="No such audio output") as caught:
        bench.outputs.switch(number, True)
    assert caught.value.code is AckCode.NO_EXIST


def test_another_device_is_chosen_for_good() -> None:
    bench = Bench()
    bench.outputs.use("null", "")
    assert bench.mixer.received == [ChooseDevice("null", "")]
    assert bench.outputs.statuses == (
        OutputStatus(0, "Speakers", "null", enabled=True, device="", chosen=True),
    )
    assert bench.outputs.switch(0, None) is False
    assert bench.outputs.statuses[0].plugin == "null"


@pytest.mark.parametrize(
    ("enabled", "chosen", "told"),
    [
        (True, False, []),
        (False, False, [EnableOutput(0, False)]),
        (True, True, [ChooseDevice("alsa", "default")]),
        (False, True, [EnableOutput(0, False), ChooseDevice("alsa", "default")]),
    ],
)
def test_a_mixer_that_has_just_begun_is_told_what_differs(
    enabled: bool, chosen: bool, told: list[object]
) -> None:
    bench = Bench(OutputStatus(0, "S", "alsa", enabled=enabled, device="default", chosen=chosen))
    bench.outputs.tell_again()
    assert bench.mixer.received == told


SIDE = OutputStatus(1, "Recorder", "file", enabled=False)


def test_each_output_is_switched_by_its_number() -> None:
    bench = Bench(ON, SIDE)
    bench.outputs.switch(1, None)
    bench.outputs.switch(0, False)
    assert bench.mixer.received == [EnableOutput(1, True), EnableOutput(0, False)]
    assert [status.enabled for status in bench.outputs.statuses] == [False, True]


def test_a_mixer_that_has_just_begun_is_told_of_side_outputs_before_the_card_goes() -> None:
    bench = Bench(replace(ON, enabled=False), replace(SIDE, enabled=True))
    bench.outputs.tell_again()
    assert bench.mixer.received == [EnableOutput(1, True), EnableOutput(0, False)]


def test_the_sound_device_may_stand_anywhere() -> None:
    bench = Bench(replace(SIDE, id=0), replace(ON, id=1), main_id=1)
    bench.outputs.use("alsa", "hw:1")
    bench.outputs.switch(1, False)
    assert [status.device for status in bench.outputs.statuses] == ["", "hw:1"]
    assert bench.mixer.received == [ChooseDevice("alsa", "hw:1"), EnableOutput(1, False)]


def test_where_only_side_outputs_are_configured_no_device_can_be_chosen() -> None:
    bench = Bench(replace(SIDE, id=0), main_id=None)
    with pytest.raises(AckError, match=r"wkmp\.ini names only files and pipes") as caught:
        bench.outputs.use("alsa", "hw:1")
    assert caught.value.code is AckCode.NO_EXIST
    assert bench.mixer.received == []
    bench.outputs.switch(0, True)
    bench.outputs.tell_again()
    assert bench.mixer.received == [EnableOutput(0, True)] * 2

"""The outputs as clients know them, and what MixerActor is told of them."""

from __future__ import annotations

import pytest

from actors.messages import ChooseDevice, EnableOutput
from actors.player_outputs import PlayerOutputs
from playback.errors import AckCode, AckError
from playback.status import OutputStatus
from tests.spies import Spy

ON = OutputStatus(0, "Speakers", "alsa", enabled=True, device="default")


class Bench:
    def __init__(self, *statuses: OutputStatus) -> None:
        self.mixer: Spy[ChooseDevice | EnableOutput] = Spy()
        self.outputs = PlayerOutputs(statuses or (ON,), self.mixer)


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

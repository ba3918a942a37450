"""TC-SET: the two settings in milliseconds, as the running engine takes them."""

from __future__ import annotations

import logging
import time

import pytest

from actors.messages import SetSetting, SettingChanged
from tests.acceptance.doubles import numbered
from tests.acceptance.stage import Stage, Stages
from tests.acceptance.twins import twin, without
from tests.engine_rig import PERIOD, RATE_HZ


def check_range(
    stage: Stage, log: pytest.LogCaptureFixture, key: str, lowest: int, highest: int
) -> None:
    """Both ends are allowed; beyond them it is clamped, and what is no number is refused."""

    def warnings_of(text: str, value: int) -> list[str]:
        log.clear()
        assert stage.do(SetSetting(key, text)) == value
        assert getattr(stage.engine.settings, key) == value
        return [text for _, level, text in log.record_tuples if level == logging.WARNING]

    outside = f"is out of range ({lowest} to {highest}); using"
    assert warnings_of(str(lowest - 1), lowest) == [
        f"Setting {key}: {lowest - 1} {outside} {lowest}"
    ]
    assert warnings_of(str(highest + 1), highest) == [
        f"Setting {key}: {highest + 1} {outside} {highest}"
    ]
    kept = f"keeping {highest} (allowed: {lowest} to {highest})"
    assert warnings_of("soon", highest) == [f"Setting {key}: 'soon' is not a whole number; {kept}"]
    assert warnings_of(str(lowest), lowest) == []
    assert warnings_of(str(highest), highest) == []


@twin(without(SettingChanged, to="WatchdogActor"), watched=True)
def test_tc_set_001_watchdog_interval_ms(stages: Stages, caplog: pytest.LogCaptureFixture) -> None:
    """Given a new database, and music that plays.

    When the interval is set to values inside and outside its range, and to what is no number.
    Then the default is 100; values outside 10 … 2000 are clamped with a WARN, no number keeps the
    last good one with a WARN, and rounds follow the new interval at once.
    """
    stage = stages.open(watchdog_enabled=1)
    assert stage.engine.settings.watchdog_interval_ms == 100
    stage.begin("a")
    check_range(stage, caplog, "watchdog_interval_ms", 10, 2000)
    began_s = time.monotonic()
    stage.do(SetSetting("watchdog_interval_ms", "10"))
    stage.wait_rounds(5)
    assert time.monotonic() - began_s < 2.0  # not even one at the old interval


@twin(without(SettingChanged, to="BufferActor"), without(SettingChanged, to="MixerActor"))
def test_tc_set_002_minimum_playback_buffer_ms(
    stages: Stages, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a new database, the state *play*, and a current ring that holds 200 ms.

    When the threshold is set to values inside and outside its range, and to what is no number.
    Then the default is 3000; values outside 100 … 12000 are clamped with a WARN, no number keeps
    the last good one with a WARN, and once it is below 200 ms the mixer starts.
    """
    stage = stages.open(threshold_ms=None)
    assert stage.engine.settings.minimum_playback_buffer_ms == 3000
    (entry,) = stage.add("a")
    stage.play()
    stage.until_open()
    check_range(stage, caplog, "minimum_playback_buffer_ms", 100, 12_000)
    assert stage.rings().threshold == 12 * RATE_HZ
    stage.buffer(entry, RATE_HZ // 5)
    stage.settle()
    assert stage.sounding == ()
    stage.do(SetSetting("minimum_playback_buffer_ms", "150"))
    stage.until_sounding(entry)
    assert stage.rings().threshold == 150 * RATE_HZ // 1000
    stage.device.run(PERIOD)
    assert (stage.device.heard == numbered(0, PERIOD)).all()

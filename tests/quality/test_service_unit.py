"""What deploy/wkmp.service says is what the program does."""

from __future__ import annotations

from actors import liveness, realtime
from tests.service_unit import UNIT, command, environment, only, unit
from wkmp import cli

INSTALLER = (UNIT.parent / "install.sh").read_text("utf-8")


def test_two_beats_fit_between_systemds_looks() -> None:
    assert int(only("WatchdogSec")) == 2 * liveness.BEAT_S
    assert int(only("WatchdogSec")) >= liveness.BEAT_S + liveness.PATIENT_DEADLINE_S


def test_the_sink_thread_may_have_what_it_asks_for_within_a_bound() -> None:
    assert only("LimitRTPRIO") == str(realtime.PRIORITY)
    assert only("LimitRTTIME") == "500ms"
    assert "RestrictRealtime" not in unit()


def test_a_wrong_configuration_is_not_tried_again() -> None:
    assert only("RestartPreventExitStatus") == str(cli.BAD_CONFIG)


def test_installer_and_unit_agree_where_things_are() -> None:
    python, *words = command()
    assert words == ["-P", "-m", "wkmp", "run", "--config", "/etc/wkmp/wkmp.ini"]
    assert f"{python} -P -m wkmp" in INSTALLER
    assert environment()["HOME"] == f"/var/lib/{only('StateDirectory')}"
    for path in (
        f"data={environment()['HOME']}\n",
        f"config=/etc/{only('ConfigurationDirectory')}\n",
    ):
        assert path in INSTALLER
    assert f"socket = /run/{only('RuntimeDirectory')}/socket" in INSTALLER

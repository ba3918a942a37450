"""Each acceptance test has a sabotaged twin: without its event, and without a cure, it fails."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.stage import Stages
from tests.acceptance.twins import Twin, twins_of
from tests.wiretap import noting_causes

Case = tuple[Callable[..., None], Twin]


def acceptance_tests() -> Iterator[Callable[..., None]]:
    for path in sorted(Path(__file__).parent.glob("test_tc_*.py")):
        module = importlib.import_module(f"tests.acceptance.{path.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_tc_"):
                yield test


def cases() -> Iterator[object]:
    for test in acceptance_tests():
        for twin in twins_of(test):
            kinds = [f"{loss.kind.__name__}" for loss in twin.losses] or ["WatchdogActor"]
            yield pytest.param(test, twin, id=f"{test.__name__} without {', '.join(kinds)}")


@pytest.mark.parametrize("test", list(acceptance_tests()), ids=lambda test: test.__name__)
def test_every_acceptance_test_has_a_twin(test: Callable[..., None]) -> None:
    assert twins_of(test), f"{test.__name__} is not shown to fail when its event is lost"


@pytest.mark.intervention_expected
@pytest.mark.parametrize(("test", "twin"), list(cases()))
def test_without_its_event_an_acceptance_test_fails(
    test: Callable[..., None], twin: Twin, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    stages = Stages(tmp_path, twin.losses, sabotaged=True, watched=twin.watched)
    wanted = list(inspect.signature(test).parameters)
    given = {name: request.getfixturevalue(name) for name in wanted if name != "stages"}
    with noting_causes(), closing(stages), pytest.raises(AssertionError):
        test(stages=stages, **given)
    lost = [told for stage in stages.opened for told in stage.tap.lost]
    assert lost or not twin.losses, "nothing was lost: it failed for another reason"
    if twin.found:
        assert any(stage.rig.interventions.received for stage in stages.opened), "rounds are blind"

"""The stage on which acceptance tests play."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.stage import Stages
from tests.wiretap import noting_causes


@pytest.fixture
def stages(tmp_path: Path) -> Iterator[Stages]:
    """Opens stages; every message has its cause noted."""
    with noting_causes():
        stages = Stages(tmp_path)
        yield stages
        stages.close()

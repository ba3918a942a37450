"""Measures one file after another in a process that may hang or crash.

    python -m wkmp.analysis_listener

Each line of standard input is a path, as a JSON string. It answers with what came of it, and until
then with a sign of life each second.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Final

from audio.measuring import measure
from playback.errors import DecodeError, FailureKind
from playback.measurement import Outcome, Unmeasurable
from wkmp.analysis_wire import Later, answer_line
from wkmp.low_priority import step_back

SIGN_OF_LIFE: Final = '{"at": 0}\n'
_BETWEEN_SIGNS_S: Final = 1.0
_NOT_ITS_FAULT: Final = frozenset(
    {FailureKind.MISSING, FailureKind.UNREADABLE, FailureKind.RESOURCES, FailureKind.NO_MUSIC}
)
"""Failures that may be gone without a change of the file."""


class Signs:
    """Says now and then that work goes on."""

    def __init__(self) -> None:
        self._said_s = time.monotonic()

    def __call__(self, _listened_s: float) -> None:
        """Say so, if the last time is long enough ago."""
        if time.monotonic() - self._said_s >= _BETWEEN_SIGNS_S:
            self._said_s = time.monotonic()
            _say(SIGN_OF_LIFE)


def main() -> None:
    """Serve until standard input ends."""
    step_back()
    logging.disable()  # what went wrong is in the answer
    _say(SIGN_OF_LIFE)
    for line in sys.stdin:
        _say(answer_line(_answer(json.loads(line))))


def _answer(path: str) -> Outcome | Later:
    try:
        return measure(path, Signs())
    except DecodeError as error:
        text = str(error)
        return Later(text) if error.kind in _NOT_ITS_FAULT else Unmeasurable(text)
    except Exception as error:  # noqa: BLE001  (whatever a codec raises, the others go on)
        return Unmeasurable(f"{path}: {error!r}")


def _say(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


if __name__ == "__main__":
    main()

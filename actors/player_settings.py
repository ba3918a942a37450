"""The settings in force, and how a new value becomes one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace

from actors.messages import SettingChanged
from playback.errors import AckCode, AckError
from playback.settings import SPECS, Settings, parse, settings_from

_log = logging.getLogger(__name__)


class PlayerSettings:
    """The settings table as QueueActor holds it.

    Args:
        rows: as saved.
        changed: tells everybody who lives by a setting.
    """

    def __init__(self, rows: Mapping[str, str], changed: Callable[[SettingChanged], None]) -> None:
        self.values: Settings = settings_from(rows)
        self._changed = changed

    @property
    def rows(self) -> dict[str, str]:
        """As they are saved."""
        return {key: str(value) for key, value in asdict(self.values).items()}

    def set(self, key: str, text: str) -> int:
        """Take a new value over and tell it; returns the one used, which may be clamped.

        Raises:
            AckError: there is no such setting.
        """
        if key not in SPECS:
            known = ", ".join(SPECS)
            raise AckError(AckCode.ARG, f"There is no setting {key!r}; there are: {known}")
        old: int = getattr(self.values, key)
        parsed = parse(key, text, old)
        if parsed.warning:
            _log.warning("%s", parsed.warning)
        if parsed.value != old:
            self.values = replace(self.values, **{key: parsed.value})
            self._changed(SettingChanged(key, old, parsed.value))
        return parsed.value

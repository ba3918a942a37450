"""What is kept of the outputs over a restart: by their names, since their places may change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from playback.status import OutputStatus


def saved_of(
    output: OutputStatus, configured: Sequence[OutputStatus], saved: Sequence[OutputStatus]
) -> OutputStatus | None:
    """Return what was saved of an output; one that is alone may have got another name."""
    if len(configured) == len(saved) == 1:
        return saved[0]
    return next((each for each in saved if each.name == output.name), None)


def remembered(
    configured: Sequence[OutputStatus], saved: Sequence[OutputStatus]
) -> tuple[OutputStatus, ...]:
    """Return the configured outputs, each switched on or off as it was saved.

    A device counts as chosen by a user only if it is the one that was chosen.
    """
    return tuple(_remembered(each, saved_of(each, configured, saved)) for each in configured)


def _remembered(output: OutputStatus, before: OutputStatus | None) -> OutputStatus:
    if before is None:
        return output
    same = (before.plugin, before.device) == (output.plugin, output.device)
    return replace(output, enabled=before.enabled, chosen=before.chosen and same)

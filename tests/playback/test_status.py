"""The public state: elapsed time between two reports, and the current entry."""

from __future__ import annotations

import pytest

from playback.song import Song
from playback.status import PlayerStatus, QueueEntry
from playback.units import EntryId

ENTRIES = tuple(QueueEntry(EntryId(number), Song(f"{number}.flac")) for number in (4, 7))


@pytest.mark.parametrize(
    ("advancing", "duration_s", "now_s", "expected_s"),
    [
        (True, None, 100.0, 12.0),
        (True, None, 102.5, 14.5),
        (False, None, 102.5, 12.0),
        (True, 13.0, 102.5, 13.0),
        (True, 200.0, 102.5, 14.5),
    ],
)
def test_elapsed_grows_with_the_clock_while_sound_comes_out(
    advancing: bool, duration_s: float | None, now_s: float, expected_s: float
) -> None:
    status = PlayerStatus(
        elapsed_s=12.0, elapsed_at_s=100.0, advancing=advancing, duration_s=duration_s
    )

    assert status.elapsed_now_s(now_s) == expected_s


def test_the_current_entry_is_found_by_its_position() -> None:
    assert PlayerStatus(entries=ENTRIES, current=1).current_entry is ENTRIES[1]
    assert PlayerStatus(entries=ENTRIES).current_entry is None

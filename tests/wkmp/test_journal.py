from __future__ import annotations

import os
from pathlib import Path

import pytest

from wkmp.journal import goes_to_journal


def test_the_journal_is_recognised_by_its_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "journal").open("w") as journal, (tmp_path / "other").open("w") as other:
        about = os.fstat(journal.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{about.st_dev}:{about.st_ino}")
        assert goes_to_journal(journal)
        assert not goes_to_journal(other)
        monkeypatch.delenv("JOURNAL_STREAM")
        assert not goes_to_journal(journal)

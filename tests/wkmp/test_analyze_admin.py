from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from playback.errors import AckError
from playback.measurement import FileVersion, MeasuredFile, Unmeasurable
from playback.saved import QueueChange
from storage.database import open_database
from storage.measurements import MeasurementReader
from storage.player_store import PlayerStore
from wkmp.analysis import Analysis
from wkmp.analyze_admin import AnalyzeAdmin, below_of, known_pairs

MUSIC = Path("/music")


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("", ""),
        (".", ""),
        ("a", "a"),
        ("a/b.flac", "a/b.flac"),
        ("./a//b/../c/", "a/c"),
        ("/music", ""),
        ("/music/", ""),
        ("/music/a/./b", "a/b"),
    ],
)
def test_a_path_is_restricted_to_as_a_uri(path: str, uri: str) -> None:
    assert below_of(MUSIC, path) == uri


@pytest.mark.parametrize("path", ["..", "../music", "a/../../b", "/", "/musical", "/music/../etc"])
def test_a_path_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(AckError, match="is not in the music directory"):
        below_of(MUSIC, path)


def test_a_path_behind_the_link_to_the_music_is_understood(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "music").symlink_to(tmp_path / "disk")
    assert below_of(tmp_path / "music", str(tmp_path / "disk" / "a")) == "a"
    assert below_of(tmp_path / "music", str(tmp_path / "music" / "a")) == "a"


@pytest.fixture
def known(tmp_path: Path) -> Iterator[MeasurementReader]:
    store = PlayerStore(open_database(tmp_path / "wkmp.db"))
    broken = MeasuredFile("b.mp3", FileVersion(1, 2), Unmeasurable("torn\napart"))
    store.apply((QueueChange(measured=(broken,)),), durable=False)
    yield MeasurementReader(tmp_path / "wkmp.db")
    store.close()


def test_what_could_not_be_measured_is_named_on_one_line_each(known: MeasurementReader) -> None:
    assert known_pairs(known) == [
        ("files", "1"),
        ("failed", "1"),
        ("uri", "b.mp3"),
        ("reason", "torn apart"),
    ]


@pytest.mark.parametrize("words", [[], ["start", "a", "b"], ["stop", "now"], ["pause"]])
def test_other_words_are_refused_with_those_that_are_known(
    known: MeasurementReader, words: list[str]
) -> None:
    admin = AnalyzeAdmin(Analysis("/music", "/database", lambda _file: None), MUSIC, known)
    with pytest.raises(AckError, match=r"usage: wkmp analyze start \[PATH\]"):
        asyncio.run(admin(words))

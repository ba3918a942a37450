"""Passages as JSON and as CUE sheets."""

from __future__ import annotations

import json

import pytest

from wkmp.passage_files import (
    PassageFileError,
    WrittenPassage,
    from_cue,
    from_json,
    from_pairs,
    to_cue,
    to_json,
)

PASSAGES = [
    WrittenPassage("a/b.flac", "a/b.flac", {"start": "0", "lead_out": "174.5"}),
    WrittenPassage(
        'a/b.flac/lo"ud ü',
        "a/b.flac",
        {"start": "10.493333333", "end": "3600.000000035", "fade_in_curve": "cosine"},
    ),
    WrittenPassage("a/b.cue/track0001", "a/b.flac", {"start": "5"}),
]


def test_the_daemons_list_is_read() -> None:
    pairs = [("passage", "f/x"), ("in", "f"), ("start", "0"), ("passage", "g"), ("in", "g")]
    assert from_pairs(pairs) == [
        WrittenPassage("f/x", "f", {"start": "0"}),
        WrittenPassage("g", "g", {}),
    ]


def test_json_holds_everything_to_the_tick() -> None:
    text = to_json(PASSAGES)
    assert json.loads(text)[0] == {
        "uri": "a/b.flac", "file": "a/b.flac", "start": 0.0, "lead_out": 174.5,
    }  # fmt: skip
    read = from_json(text)
    assert [(each.uri, each.file) for each in read] == [(p.uri, p.file) for p in PASSAGES]
    for before, after in zip(PASSAGES, read, strict=True):
        for name, value in before.points.items():
            if name == "fade_in_curve":
                assert after.points[name] == value
            else:
                assert float(after.points[name]) == float(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "line 1: "),
        ("{}", "a list of passages is expected"),
        ("[1]", 'passage 1: an object with "uri" and "file"'),
        ('[{"uri": "a", "file": "a"}, {"uri": 5, "file": "a"}]', "passage 2: an object"),
        ('[{"uri": "a", "file": "a", "begin": 1}]', "passage 1: there is no point 'begin'"),
    ],
)
def test_what_is_wrong_in_json_is_named(text: str, problem: str) -> None:
    with pytest.raises(PassageFileError, match=problem):
        from_json(text)


def test_tracks_of_a_sheet_become_passages_beside_it() -> None:
    sheet = """FILE "b.flac" WAVE
      TRACK 01 AUDIO
        TITLE "One/Two"
        INDEX 01 00:00:00
      TRACK 02 AUDIO
        INDEX 01 00:10:37
    """
    assert from_cue(sheet, "a") == [
        WrittenPassage("a/b.flac/One-Two", "a/b.flac", {"start": "0", "end": "10.493333333"}),
        WrittenPassage("a/b.flac/track02", "a/b.flac", {"start": "10.493333333"}),
    ]
    with pytest.raises(PassageFileError, match="there is no track"):
        from_cue("nothing", "")


def test_a_sheet_holds_the_beginnings_of_the_parts() -> None:
    assert to_cue(PASSAGES).splitlines() == [
        'FILE "a/b.flac" WAVE',
        "  TRACK 01 AUDIO",
        '    TITLE "track0001"',
        "    INDEX 01 00:05:00",
        "  TRACK 02 AUDIO",
        '    TITLE "lo\'ud ü"',
        "    INDEX 01 00:10:37",
    ]
    starts = [each.points["start"] for each in from_cue(to_cue(PASSAGES), "")]
    assert starts == ["5", "10.493333333"]

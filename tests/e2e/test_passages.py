"""Passages from a shell while the daemon plays: defined, browsed, heard of, kept, carried away."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

from tests.daemon import ROOT, Daemon
from tests.sounds import Codec, make, sine

FILE = "a/b.flac"


def put_music(daemon: Daemon) -> None:
    path = daemon.music / FILE
    path.parent.mkdir(parents=True)
    make(path, sine(20 * 8_000, 8_000), Codec.FLAC16, 8_000, title="Whole", artist="Who")


def wkmp(daemon: Daemon, *words: str) -> tuple[int, str, str]:
    ended = daemon.command("passage", *words)
    return ended.returncode, ended.stdout, ended.stderr


def test_a_passage_is_defined_played_changed_and_deleted_from_a_shell(daemon: Daemon) -> None:
    put_music(daemon)
    assert wkmp(daemon, "add", FILE, "loud", "start=5", "end=0:12.5", "fade_in=6") == (0, "", "")
    assert wkmp(daemon, "list")[1] == f"{FILE}/loud  start=5  end=12.5  fade_in=6\n"
    with closing(daemon.connect()) as client:
        shown = client.send(f"lsinfo {FILE}")[0]
        assert [value for key, value in shown if key == "file"] == [FILE, f"{FILE}/loud"]
        client.send(f'add "{FILE}/loud"')
        client.send("play")
        entry = dict(client.send("currentsong")[0])
        assert (entry["file"], entry["Title"], entry["Artist"], entry["duration"]) == (
            f"{FILE}/loud", "loud", "Who", "7.500",
        )  # fmt: skip
        assert wkmp(daemon, "set", f"{FILE}/loud", "end=9") == (0, "", "")
        assert client.status()["duration"] == "4.000"
        assert wkmp(daemon, "delete", f"{FILE}/loud") == (0, "", "")
        assert wkmp(daemon, "list") == (0, "", "")


def test_what_cannot_be_is_said_in_a_line_and_nothing_is_stored(daemon: Daemon) -> None:
    put_music(daemon)
    for words, problems in (
        (("add", FILE, "x", "start=9", "end=8", "lead_in=30"), ["end (8 s)", "lead_in (30 s)"]),
        (("add", FILE, "x", "begin=9"), ["no point 'begin'"]),
        (("add", FILE, "x/y", "end=8"), ["cannot be called 'x/y'"]),
        (("add", "gone.flac", "x", "end=8"), ["No such song"]),
        (("set", f"{FILE}/x", "end=8"), ["No such song or passage"]),
        (("delete", f"{FILE}/x"), ["There is no passage"]),
        (("import", "/nonexistent.json"), ["/nonexistent.json: No such file"]),
    ):
        status, said, complaint = wkmp(daemon, *words)
        assert (status, said) == (1, "")
        assert complaint.startswith("wkmp: ")
        assert [text for text in problems if text not in complaint] == []
    assert wkmp(daemon, "list") == (0, "", "")
    assert wkmp(daemon, "add", FILE)[0] == 2


def test_passages_are_kept_carried_away_and_brought_back(daemon: Daemon, tmp_path: Path) -> None:
    put_music(daemon)
    wkmp(daemon, "add", FILE, "loud", "start=1", "fade_out=3.1234567", "fade_out_curve=linear")
    wkmp(daemon, "set", FILE, "lead_out=15")
    listed = wkmp(daemon, "list")[1]
    assert listed.count("\n") == 2
    daemon.kill()
    daemon.start()
    assert wkmp(daemon, "list")[1] == listed
    away = tmp_path / "away.json"
    assert wkmp(daemon, "export", str(away))[1] == f"2 passages written to {away}\n"
    assert {each["uri"] for each in json.loads(away.read_text())} == {FILE, f"{FILE}/loud"}
    wkmp(daemon, "delete", FILE)
    wkmp(daemon, "set", f"{FILE}/loud", "start=", "lead_in=2")
    assert wkmp(daemon, "import", str(away))[1] == "2 of 2 passages imported\n"
    assert wkmp(daemon, "list")[1] == listed


def test_a_sheet_is_imported_for_the_files_beside_it(daemon: Daemon) -> None:
    put_music(daemon)
    sheet = daemon.music / "a" / "b.cue"
    sheet.write_text(
        "FILE b.flac WAVE\nTRACK 01 AUDIO\nTITLE One\nINDEX 01 00:00:00\n"
        "TRACK 02 AUDIO\nTITLE Two\nINDEX 01 00:08:00\n"
        "FILE gone.flac WAVE\nTRACK 03 AUDIO\nINDEX 01 00:00:00\n"
    )
    status, said, complaint = wkmp(daemon, "import", str(sheet))
    assert (status, said) == (1, "2 of 3 passages imported\n")
    assert "No such song or passage: a/gone.flac" in complaint
    assert wkmp(daemon, "list")[1].splitlines() == [
        f"{FILE}/One  start=0  end=8",
        f"{FILE}/Two  start=8",
    ]


def test_the_commands_of_the_document_do_what_it_says(daemon: Daemon) -> None:
    path = daemon.music / "radio" / "show.flac"
    path.parent.mkdir()
    make(path, sine(240 * 8_000, 8_000), Codec.FLAC16, 8_000)
    text = (ROOT / "docs" / "passages.md").read_text("utf-8")
    commands = re.findall(r"^    \./run\.sh passage (.+)$", text, re.MULTILINE)
    assert [words.split()[0] for words in commands] == ["add", "set", "set", "list", "delete"]
    for words in commands[:-1]:
        status, said, complaint = wkmp(daemon, *words.split())
        assert (status, complaint) == (0, "")
    assert said.splitlines() == [
        "radio/show.flac  start=0  lead_out=200",
        "radio/show.flac/jingle  start=61.5  end=90  fade_in_curve=linear",
    ]
    example = daemon.music / "example.json"
    example.write_text(text.split("```json\n")[1].split("```")[0])
    assert wkmp(daemon, "import", str(example))[1] == "1 of 1 passages imported\n"
    assert wkmp(daemon, "list", "radio/show.flac/jingle")[1] == (
        "radio/show.flac/jingle  start=61.5  end=90\n"
    )
    assert wkmp(daemon, *commands[-1].split()) == (0, "", "")

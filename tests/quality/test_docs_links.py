"""What the documents point at is there: links, headings, files, commands, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol import commands
from protocol.registry import COMMANDS
from wkmp.config import KEYS

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/**/*.md")])
EVERY_DOCUMENT = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[str(each.relative_to(ROOT)) for each in DOCUMENTS]
)

_LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]*)\)")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|sh|md|ini|yml|toml|txt))(?:::\w+)?`")
_ROOMS = "wkmp|protocol|actors|audio|storage|library|playback|tests"
_MODULE = re.compile(rf"`((?!wkmp\.(?:ini|db)`)(?:{_ROOMS})(?:\.\w+)+)`")
_FOLDER = re.compile(r"`((?:[\w.-]+/)+)`")


def prose_of(document: Path) -> str:
    return _FENCED.sub("", document.read_text("utf-8"))


def anchors_of(document: Path) -> set[str]:
    """The names under which headings can be reached, as code hosts make them."""
    headings = re.findall(r"^#+ (.*)", prose_of(document), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


def broken_links(document: Path) -> Iterator[str]:
    for link in _LINK.findall(prose_of(document)):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            yield link


def missing_files(document: Path) -> Iterator[str]:
    """Files may be named from the root, from the document, or bare in the root."""
    text = prose_of(document)
    for name in _FILE.findall(text) + _FOLDER.findall(text):
        if not (ROOT / name).exists() and not (document.parent / name).exists():
            yield name
    for dotted in _MODULE.findall(text):
        if not _is_there(dotted):
            yield dotted


def _is_there(dotted: str) -> bool:
    """A module, a package, or a name that a module defines."""
    path = ROOT.joinpath(*dotted.split("."))
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module = path.parent.with_suffix(".py")
    return (
        module.is_file() and re.search(rf"\b{path.name}\b", module.read_text("utf-8")) is not None
    )


@EVERY_DOCUMENT
def test_every_link_leads_somewhere(document: Path) -> None:
    assert list(broken_links(document)) == []


@EVERY_DOCUMENT
def test_every_file_that_is_named_exists(document: Path) -> None:
    assert list(missing_files(document)) == []


def test_what_leads_nowhere_would_be_found(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text(
        "# A heading\n[a](#a-heading) [b](#b) [c](c.md) [d](https://example.org/x)\n"
        "`actors/actor.py` `actors/nobody.py` `actors/` `nowhere/` `nothing.md`\n"
        "`actors.engine` `actors.engine.Engine` `actors.engine.Motor` `audio.nothing`\n"
    )
    assert list(broken_links(document)) == ["#b", "c.md"]
    assert list(missing_files(document)) == [
        *("actors/nobody.py", "nothing.md", "nowhere/", "actors.engine.Motor", "audio.nothing")
    ]


def test_every_document_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        if document in reached or document.suffix != ".md":
            continue
        reached.add(document)
        links = _LINK.findall(prose_of(document))
        waiting += [
            (document.parent / link.partition("#")[0]).resolve()
            for link in links
            if link[:1] != "#"
        ]
    assert set(DOCUMENTS) - reached == set()


def test_every_key_of_wkmp_ini_is_explained() -> None:
    shipped = (ROOT / "wkmp.ini").read_text("utf-8")
    for key in KEYS:
        explained = (
            rf"^# {re.escape(key.meaning)}\n#   {re.escape(key.kind.allowed)}\n#{key.name} ="
        )
        assert re.search(explained, shipped, re.MULTILINE), f"[{key.section}] {key.name}"


def test_every_command_is_in_the_documentation_of_the_protocol_and_no_other() -> None:
    commands.load()
    text = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    offered, _, missing = text.partition("## What there is")[2].partition("## What is not there")
    named = set(re.findall(r"`([a-z_]+)`", offered.partition("\n## ")[0]))
    framing = {"noidle", "command_list_begin", "command_list_ok_begin", "command_list_end"}
    offered_here = {command.name for command in COMMANDS}
    assert named == offered_here | framing
    table = re.findall(r"^\| .*", missing.partition("\n## ")[0], re.MULTILINE)
    absent = set(re.findall(r"`([a-z_]+)`", "".join(table)))
    assert absent
    assert absent & offered_here == set()

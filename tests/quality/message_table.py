"""docs/messages.md as it follows from actors/messages/.

``python -m tests.quality.message_table > docs/messages.md`` writes it anew.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "actors" / "messages"
MODULES = (
    *("everybody", "decoder", "buffer", "mixer", "events", "commands"),
    *("storage", "watchdog", "listeners"),
)
DOCUMENT = ROOT / "docs" / "messages.md"

HEAD = """# Messages

Every message of the engine, by receiver, as `actors/messages/` defines it. Commands are
imperatives and go down, events are past participles and go up. Sound does not travel in
messages; a chain's ring is handed over once. Messages marked ⟲ are requests: their sender (a
session, start-up, a test or the WatchdogActor, never a peer) waits for the reply of the type
given behind the arrow.

`python -m tests.quality.message_table > docs/messages.md` writes this file anew; a test
compares it with the source. `DeadlineReached` is not in the tables: it is an inbox's alarm,
defined in `actors/address.py`, and has no sender.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One message: where it stands, who tells whom, and what it means."""

    section: str
    name: str
    fields: tuple[str, ...]
    reply: str | None
    sender: str
    receiver: str
    meaning: str


def rows() -> list[Row]:
    """Return every message class in the order of the sources."""
    return [row for name in MODULES for row in _rows(SOURCE / f"{name}.py")]


def _rows(source: Path) -> Iterator[Row]:
    module = ast.parse(source.read_text(encoding="utf-8"))
    title = (ast.get_docstring(module) or "").splitlines()[0]
    section = title.removeprefix("Messages to ").rstrip(".")
    for node in module.body:
        if not isinstance(node, ast.ClassDef):
            continue
        first_line = (ast.get_docstring(node) or "").split("\n\n", 1)[0].replace("\n", " ")
        match = re.fullmatch(r"(.+?) → (.+?)(?:: (.+)|\.)", first_line)
        if match is None:
            continue
        sender, receiver, meaning = match.groups()
        yield Row(
            section,
            node.name,
            tuple(_fields(node)),
            _reply(node),
            sender,
            receiver,
            meaning or "a snapshot of its state, for a round.",
        )


def _fields(node: ast.ClassDef) -> Iterator[str]:
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            yield part.target.id


def _reply(node: ast.ClassDef) -> str | None:
    for base in node.bases:
        if isinstance(base, ast.Subscript) and ast.unparse(base.value) == "Request":
            return ast.unparse(base.slice)
    return None


def render() -> str:
    """Return the document."""
    parts = [HEAD]
    section = None
    for row in rows():
        if row.section != section:
            section = row.section
            parts.append(f"\n## To {section.replace('``', '`')}\n\n")
            parts.append("| message | sender | receiver | meaning |\n|---|---|---|---|\n")
        parts.append(_line(row))
    return "".join(parts)


def _line(row: Row) -> str:
    reply = f" ⟲ → `{row.reply}`" if row.reply is not None else ""
    message = f"`{row.name}({', '.join(row.fields)})`{reply}"
    meaning = row.meaning.replace("``", "`").replace("|", "\\|")
    return f"| {message} | {row.sender} | {row.receiver} | {meaning} |\n"


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201  (its purpose)

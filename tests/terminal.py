"""A program in a terminal: what its screen shows, and keys for it. The terminal is ``tmux``."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.waiting import until

_UTF_8 = {"TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


class Terminal:
    """One terminal; see ``terminal``."""

    def __init__(
        self, socket: Path, command: str, environment: Mapping[str, str], directory: Path | None
    ) -> None:
        self._tmux = ("tmux", "-S", str(socket), "-f", "/dev/null")
        own = {key: value for key, value in environment.items() if not key.startswith("TMUX")}
        self._environment = own | _UTF_8
        place = ("-c", str(directory)) if directory else ()
        self._run("new-session", "-d", "-x", "110", "-y", "30", *place, command)

    def screen(self) -> str:
        """Return what is to be seen now."""
        return self._run("capture-pane", "-p")

    def press(self, key: str) -> None:
        """Press a key, named as ``tmux send-keys`` does."""
        self._run("send-keys", key)

    def shows(self, *texts: str) -> str:
        """Wait until all texts are to be seen at once; returns the whole screen."""

        def complete() -> str:
            screen = self.screen()
            return screen if all(text in screen for text in texts) else ""

        return until(complete, f"the screen shows {texts}")

    def close(self) -> None:
        """End the program, however it is."""
        self._run("kill-server")

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [*self._tmux, *words],
            env=self._environment, capture_output=True, text=True, timeout=15, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextlib.contextmanager
def terminal(
    command: str, environment: Mapping[str, str], directory: Path | None = None
) -> Iterator[Terminal]:
    """Run a shell command in a terminal for a ``with`` block; it must not end by itself."""
    # A socket's path may have 107 bytes; the folder of a test can be longer by itself.
    with tempfile.TemporaryDirectory(prefix="wkmp-tmux-") as folder:
        opened = Terminal(Path(folder) / "socket", command, environment, directory)
        try:
            yield opened
        finally:
            opened.close()

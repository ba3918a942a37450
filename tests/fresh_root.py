"""A Debian of its own in a folder, in which the project is installed and run as systemd would.

Nothing of it stays: each command has its mounts in a namespace that ends with it.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.daemon import ROOT

PACKAGES: Final = "systemd,python3-venv,python3-dev,gcc,libc6-dev,libasound2-dev"
AS_ROOT: Final[tuple[str, ...]] = () if os.geteuid() == 0 else ("sudo", "-n")
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MOUNTS: Final = 'mount -t proc proc "$root/proc"'
_READ_ONLY: Final = """
mount --bind "$root" "$root" && mount -o remount,bind,ro "$root"
mount -t tmpfs tmpfs "$root/tmp"
for each in $writable; do
    mount --bind "$root$each" "$root$each"
    mount -o remount,bind,rw "$root$each"
done
"""


class FreshRoot:
    """The root directory of a machine that has never seen the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def command(
        self,
        words: Sequence[str],
        variables: Mapping[str, str],
        *,
        wrapped: Sequence[str] = (),
        writable: Sequence[str] | None = None,
    ) -> list[str]:
        """Return what runs ``words`` in it; the process that it becomes is that of ``words``.

        Args:
            words: the command.
            variables: its whole environment, but for PATH.
            wrapped: ends by executing what follows, in the root, as root.
            writable: with it, everything else is read-only and /tmp is its own.
        """
        environment = [f"{name}={value}" for name, value in {"PATH": _PATH, **variables}.items()]
        inner = ["chroot", str(self.folder), *wrapped, "env", "-i", *environment, *words]
        limits = _READ_ONLY if writable is not None else ""
        script = (
            f"set -e; root={shlex.quote(str(self.folder))}; writable='{' '.join(writable or ())}'\n"
            f"{limits}\n{_MOUNTS}\nexec {shlex.join(inner)}"
        )
        return [*AS_ROOT, "unshare", "--mount", "sh", "-c", script]

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command as root and wait for it."""
        return subprocess.run(
            self.command(words, variables),
            capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip

    def file(self, path: str) -> Path:
        """Return where one of its files is for us."""
        return self.folder / path.lstrip("/")


@contextlib.contextmanager
def fresh_root() -> Iterator[FreshRoot]:
    """Make one with Debian's own installer; it has the checkout in /checkout, wheels in /wheels."""
    # Short: a socket's path may have 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="wkmp-root-"))
    folder.chmod(0o755)
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    try:
        _call(*AS_ROOT, "debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, folder)
        _give_checkout(folder)
        yield FreshRoot(folder)
    finally:
        _call(*AS_ROOT, "rm", "-rf", "--one-file-system", folder)


def _give_checkout(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as prepared:
        wheels = Path(prepared) / "wheels"
        _call(
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--use-pep517"),
            *("-r", ROOT / "requirements.txt", "-w", wheels),
        )
        unwanted = shutil.ignore_patterns("__pycache__", ".*", "results")
        shutil.copytree(ROOT, Path(prepared) / "checkout", ignore=unwanted)
        for name in ("wheels", "checkout"):
            _call(*AS_ROOT, "cp", "-r", Path(prepared) / name, folder / name)


def _call(*words: str | Path) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

"""Opening a file with the tag library, which stumbles over spoiled files in many ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutagen


def open_tag_file(path: Path, kind: Callable[[Path], Any] = mutagen.File) -> Any:  # noqa: ANN401  (the library is untyped)
    """Open a file; None if it is of no kind that is known.

    Args:
        path: the file.
        kind: what it is opened as; by default that is found out.

    Raises:
        OSError: it cannot be read.
        mutagen.MutagenError: it is damaged.
    """
    try:
        return kind(path)
    except (OSError, mutagen.MutagenError):
        raise
    except Exception as error:
        raise mutagen.MutagenError(f"{type(error).__name__}: {error}") from error

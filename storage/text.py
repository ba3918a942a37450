"""Text that may hold what is no text: names of files that are not UTF-8.

Python keeps their odd bytes as lone surrogates, which SQLite refuses; such text is stored as
the bytes it came from.
"""

from __future__ import annotations


def stored(text: str) -> str | bytes:
    """Return what a column takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")
    return text


def loaded(value: str | bytes) -> str:
    """Return what was given to ``stored``."""
    return value if isinstance(value, str) else bytes(value).decode(errors="surrogatepass")

"""What is reported of a test has to reach whoever started the process that ran it.

Some tests are about names that are no text. Python holds them as lone surrogates, and they get
into the log that is captured with the test; but no pipe between two processes takes them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    data = yield
    return printable(data)


def printable(data: Any) -> Any:
    """Return the same with escapes in place of what is no text."""
    match data:
        case str():
            return data.encode("utf-8", "backslashreplace").decode("utf-8")
        case dict():
            return {printable(key): printable(value) for key, value in data.items()}
        case list() | tuple():
            return type(data)(map(printable, data))
        case _:
            return data

"""Points in time as filters write them: Unix seconds, or ISO 8601 in short forms."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from protocol.arguments import refused

_SECONDS: Final = re.compile(r"\d{1,7}|\d{9,12}", re.ASCII)
_ISO_8601: Final = re.compile(
    r"(\d{4})-?(\d{2})(?:-?(\d{2})(?:T(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?"
    r"(?:Z|(?P<sign>[+-])(?P<hours>\d{2})(?::?(?P<minutes>\d{2}))?)?)?)?",
    re.ASCII,
)


def moment(argument: str) -> float:
    """Read a point in time; what is left out of a date is its beginning, in UTC.

    Returns:
        Unix seconds.

    Raises:
        AckError: it is none.
    """
    if _SECONDS.fullmatch(argument):
        return float(argument)
    found = _ISO_8601.fullmatch(argument)
    if found is None:
        raise refused("Failed to parse date")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        at = datetime(year, month, day or 1, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise refused("Failed to parse date") from None
    offset = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    return at.timestamp() + (-1 if found["sign"] == "+" else 1) * offset.total_seconds()

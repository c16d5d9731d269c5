"""How long an upstream asks to wait."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_DATE: Final = re.compile(r"\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")
_SECONDS: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")


def read_retry_after(headers: Mapping[str, str], now: float, most_s: float) -> float | None:
    """Seconds to wait, at most `most_s`; None where the upstream does not say.

    From `retry-after-ms`, or `retry-after` as seconds, also with decimals, or as a date.
    """
    milliseconds = headers.get("retry-after-ms", "").strip()
    if _SECONDS.fullmatch(milliseconds):
        return min(float(milliseconds) / 1e3, most_s)
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), most_s)
    match = _DATE.fullmatch(value)
    if match is None or match[2] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[group]) for group in (1, 3, 4, 5, 6))
    try:
        at = datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return min(max(0.0, at.timestamp() - now), most_s)

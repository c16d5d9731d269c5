"""JSON in and out: what comes from outside, and values as they go over the wire."""

import json
from typing import Any, Final

from ...strict_json import check_depth, parse_finite, parse_whole

MAX_DEPTH: Final = 128
"""Arrays and objects inside one another: more would end Pyodide, not the call."""


def parse_json(data: bytes, *, finite: bool = False) -> Any:
    """The value that UTF-8 bytes say, with or without a byte order mark.

    Args:
        data: the bytes.
        finite: refuse NaN, the infinities and numbers too large for a float, such as 1e400.

    Raises:
        ValueError: they say none; the message says why.
    """
    text = data.decode("utf-8-sig")
    check_depth(text, MAX_DEPTH)
    if finite:
        return json.loads(
            text, parse_constant=_refuse, parse_float=parse_finite, parse_int=parse_whole
        )
    return json.loads(text, parse_int=parse_whole)


def parse_object(data: bytes, *, finite: bool = False) -> dict[str, Any]:
    """The object that UTF-8 bytes say; arguments as for `parse_json`.

    Raises:
        ValueError: they say none; the message says why.
    """
    value = parse_json(data, finite=finite)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def dump_compact(value: Any) -> bytes:
    """UTF-8 without spaces; a lone surrogate, which UTF-8 cannot hold, is escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")

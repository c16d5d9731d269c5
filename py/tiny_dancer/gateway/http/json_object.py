"""The JSON object in bytes from outside. Deep nesting would end Pyodide, not the call."""

import json
from typing import Any, Final

from ...strict_json import check_depth, parse_whole

MAX_DEPTH: Final = 128
"""Arrays and objects inside one another."""


def json_object(data: bytes, *, finite: bool = False) -> dict[str, Any]:
    """The object.

    Args:
        data: UTF-8.
        finite: refuse NaN and the infinities, which some upstreams write.

    Raises:
        ValueError: it is none; the message says why.
    """
    text = data.decode("utf-8")
    check_depth(text, MAX_DEPTH)
    value = json.loads(text, parse_constant=_refuse if finite else None, parse_int=parse_whole)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")

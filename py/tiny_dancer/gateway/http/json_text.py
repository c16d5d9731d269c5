"""JSON in and out: what comes from outside, and values as they go over the wire."""

import json
from typing import Any, Final

from ...strict_json import check_depth, parse_finite, parse_whole

MAX_DEPTH: Final = 128
"""Arrays and objects inside one another: more would end Pyodide, not the call."""

MAX_CONTAINERS: Final = 100_000
"""Arrays and objects in a request. Two bytes of body become sixty and more in memory."""

_SHAPE: Final = bytes(
    ord("0") if 48 <= b <= 57 else ord("e") if b in b"eE" else b if b == ord("+") else 32
    for b in range(256)
)
"""Of each byte, what it may be in a number: a digit, an exponent's letter or sign."""

_HUGE: Final = (b"0" * 200, b"e000", b"e+000")
"""Without these, as they stand in the shape, no number is beyond a float's range."""


def parse_json(data: bytes, *, containers: int | None = None, finite: bool = False) -> Any:
    """The value that UTF-8 bytes say, with or without a byte order mark.

    Args:
        data: the bytes.
        containers: arrays and objects in all; as many as there are where None.
        finite: refuse NaN, the infinities and numbers too large for a float, such as 1e400.

    Raises:
        ValueError: they say none; the message says why.
    """
    text = data.decode("utf-8-sig")
    check_depth(text, MAX_DEPTH, containers)
    hooks: dict[str, Any] = {"parse_constant": _refuse} if finite else {}
    if _has_huge_numbers(data):  # a call for each number takes six times as long
        hooks["parse_int"] = parse_whole
        if finite:
            hooks["parse_float"] = parse_finite
    return json.loads(text, **hooks)


def parse_object(
    data: bytes, *, containers: int | None = None, finite: bool = False
) -> dict[str, Any]:
    """The object that UTF-8 bytes say; arguments as for `parse_json`.

    Raises:
        ValueError: they say none; the message says why.
    """
    value = parse_json(data, containers=containers, finite=finite)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def dump_compact(value: Any) -> bytes:
    """UTF-8 without spaces; a lone surrogate, which UTF-8 cannot hold, is escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _has_huge_numbers(data: bytes) -> bool:
    """True where a number may be beyond a float's range, or a text looks as if it were one."""
    shape = data.translate(_SHAPE)
    return any(huge in shape for huge in _HUGE)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")

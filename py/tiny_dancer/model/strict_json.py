"""JSON as a bundle may hold it: every name once, numbers finite, text encodable, not deep."""

import json
from math import isfinite
from typing import Any, Final

MAX_DEPTH: Final = 16
"""Arrays and objects inside one another, the outermost one counted."""


def parse_object(text: str) -> dict[str, Any]:
    """The object that the text says.

    Raises:
        ValueError: it is not such an object; the message names the fault.
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except RecursionError:
        raise ValueError(f"nested deeper than {MAX_DEPTH}") from None
    if not isinstance(value, dict):
        raise ValueError("a JSON object is needed")
    _check(value, MAX_DEPTH)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a name occurs twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise ValueError(f"{digits:.40} is too large a number")
    return value


def _check(value: object, depth: int) -> None:
    """Refuse what could be read but not written again: great depth, lone surrogates."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict | list):
        if depth == 0:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")
        for item in (*value, *value.values()) if isinstance(value, dict) else value:
            _check(item, depth - 1)

"""JSON from strangers: every name once, numbers finite, text encodable, not deep."""

import json
import re
from math import isfinite
from typing import Any, Final

MAX_DEPTH: Final = 16
"""Arrays and objects inside one another, the outermost one counted."""

_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)


def parse_object(text: str) -> dict[str, Any]:
    """The object that the text says.

    Raises:
        ValueError: it is not such an object; the message names the fault.
    """
    check_depth(text)
    value = json.loads(
        text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
    )
    if not isinstance(value, dict):
        raise ValueError("a JSON object is needed")
    json.dumps(value, ensure_ascii=False).encode()  # no lone surrogate, which nobody could write
    return value


def check_depth(text: str, most: int = MAX_DEPTH) -> None:
    """Look before parsing: in Pyodide the parser's recursion ends the interpreter, not the call.

    Raises:
        ValueError: more than `most` arrays and objects are inside one another.
    """
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        if token[1]:
            depth += 1
            if depth > most:
                raise ValueError(f"nested deeper than {most}")
        elif token[2]:
            depth -= 1


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

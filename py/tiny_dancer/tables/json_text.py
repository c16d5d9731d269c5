"""JSON from people: every name once, numbers finite, nothing deep; faults by their place."""

import json
from collections.abc import Callable
from typing import Any, Final

from ..strict_json import MAX_DEPTH, check_depth

MAX_DIGITS: Final = 300
"""Of a whole number; more do not fit a float, and Python refuses to read some thousands."""


class JsonFault(ValueError):
    """What is wrong, at which character of the text (from 0; None where it has no place)."""

    def __init__(self, what: str, at: int | None = None) -> None:
        super().__init__(what)
        self.at = at


class _Refused(ValueError):
    """A number or name that is refused, as it stands in the text."""

    def __init__(self, what: str, token: str) -> None:
        super().__init__(what)
        self.token = token


def parse_json(text: str) -> Any:
    """What a text of JSON says.

    Raises:
        JsonFault: it says nothing.
    """
    return _parse(text, 0, lambda: _DECODER.decode(text))


def parse_part(text: str, start: int) -> tuple[Any, int]:
    """What stands at `start`, where no space is, and where it ends.

    Raises:
        JsonFault: nothing of JSON stands there.
    """
    found: tuple[Any, int] = _parse(text, start, lambda: _DECODER.raw_decode(text, start))
    return found


def check_nesting(text: str, most: int = MAX_DEPTH) -> None:
    """Look before parsing: deep nesting would end Pyodide's interpreter, not the call.

    Raises:
        JsonFault: more than `most` arrays and objects are inside one another.
    """
    if text.count("[") + text.count("{") > most:
        try:
            check_depth(text, most)
        except ValueError as error:
            raise JsonFault(str(error)) from None


def _parse(text: str, start: int, parse: Callable[[], Any]) -> Any:
    try:
        return parse()
    except json.JSONDecodeError as error:  # its words differ between versions of Python
        raise JsonFault("this is no JSON", _place(text, error.pos)) from None
    except _Refused as error:
        at = text.find(error.token, start)
        raise JsonFault(str(error), at if at >= 0 else None) from None


def _place(text: str, at: int) -> int:
    """Where the parser gave up; a comma before a closing bracket, whichever of the two it names."""
    before = text[:at].rstrip()
    if text[at : at + 1] in ("}", "]") and before.endswith(","):
        return len(before) - 1
    return min(at, len(text))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise _Refused(f"the name {twice[:40]!a} stands twice in one object", json.dumps(twice))
    return found


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _Refused(f"a number of {len(digits)} digits is too large", digits)
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise _Refused(f"{digits[:40]} is too large a number", digits)
    return value


def _constant(name: str) -> None:
    raise _Refused(f"{name} is no number of JSON", name)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_real, parse_constant=_constant
)

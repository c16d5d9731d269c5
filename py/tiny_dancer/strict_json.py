"""JSON from strangers: every name once, numbers finite, text encodable, not deep."""

import json
import re
from collections.abc import Callable
from itertools import accumulate
from typing import Any, Final

MAX_DEPTH: Final = 16
"""Arrays and objects inside one another, the outermost one counted."""

MAX_DIGITS: Final = 300
"""Of a whole number. More do not fit a float, and Python refuses to read some thousands."""

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_NO_BRACKET: Final = re.compile(r"[^][{}]+")
_STEPS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}


class JsonFault(ValueError):
    """What is wrong with a text.

    Args:
        what: is wrong.
        at: character of the text, from 0; None where it has no place.
    """

    def __init__(self, what: str, at: int | None = None) -> None:
        super().__init__(what)
        self.at = at


class _Refused(ValueError):
    """A number or name that is refused, as it stands in the text."""

    def __init__(self, what: str, token: str) -> None:
        super().__init__(what)
        self.token = token


def parse_object(text: str) -> dict[str, Any]:
    """The object that the text says.

    Raises:
        ValueError: it is not such an object; the message names the fault and its place.
    """
    check_depth(text)
    try:
        value = parse_json(text)
    except JsonFault as error:
        if error.at is None:
            raise
        line = text.count("\n", 0, error.at) + 1
        column = error.at - text.rfind("\n", 0, error.at)
        raise ValueError(f"{error} (line {line}, column {column})") from None
    if not isinstance(value, dict):
        raise ValueError("a JSON object is needed")
    json.dumps(value, ensure_ascii=False).encode()  # no lone surrogate, which nobody could write
    return value


def check_depth(text: str, most: int = MAX_DEPTH, containers: int | None = None) -> None:
    """Look before parsing: in Pyodide the parser's recursion ends the interpreter, not the call.

    Args:
        text: of JSON.
        most: arrays and objects inside one another.
        containers: arrays and objects in all; each of two bytes takes some 60 in memory, an
            object with one name some 230. As many as there are where None.

    Raises:
        JsonFault: there are more.
    """
    if text.count("[") + text.count("{") <= most:
        return
    bare = _STRING.sub("", text)
    found = bare.count("[") + bare.count("{")
    if containers is not None and found > containers:
        raise JsonFault(f"{found:,} arrays and objects, at most {containers:,} are taken")
    if found > most:
        brackets = _NO_BRACKET.sub("", bare)
        if max(accumulate(map(_STEPS.__getitem__, brackets))) > most:
            raise JsonFault(f"nested deeper than {most}")


def is_closed(text: str) -> bool:
    """Whether as many arrays and objects end as begin; a text where they do not is no JSON."""
    bare = _STRING.sub("", text)
    return all(bare.count(opening) == bare.count(closing) for opening, closing in ("[]", "{}"))


def parse_json(text: str) -> Any:
    """What the text says; see `check_depth` first.

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


def parse_whole(digits: str) -> int:
    """The whole number that the digits say.

    Raises:
        ValueError: there are more than `MAX_DIGITS`.
    """
    if len(digits) > MAX_DIGITS:
        raise _Refused(f"a number of {len(digits)} digits is too large", digits)
    return int(digits)


def _parse(text: str, start: int, parse: Callable[[], Any]) -> Any:
    try:
        return parse()
    except json.JSONDecodeError as error:  # its words differ between versions of Python
        extra = error.msg.startswith("Extra")
        what = "Extra data after the value" if extra else "this is no JSON"
        raise JsonFault(what, _place(text, error.pos)) from None
    except _Refused as error:
        at = text.find(error.token, start)
        raise JsonFault(str(error), at if at >= 0 else None) from None


def _place(text: str, at: int) -> int:
    """Where the parser gave up; a comma before a closing bracket, whichever of the two it names."""
    before = text[:at].rstrip()
    if text[at : at + 1] in ("}", "]") and before.endswith(","):
        return len(before) - 1
    return min(at, len(text))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise _Refused(f"a name occurs twice in one object: {twice[:40]!a}", json.dumps(twice))
    return found


def _no_constant(name: str) -> None:
    raise _Refused(f"{name} is not a number of JSON", name)


def parse_finite(digits: str) -> float:
    """The number that the digits say.

    Raises:
        ValueError: it is too large for a float.
    """
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise _Refused(f"{digits:.40} is too large a number", digits)
    return value


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_constant=_no_constant,
    parse_float=parse_finite,
    parse_int=parse_whole,
)

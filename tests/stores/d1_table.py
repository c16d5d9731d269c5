"""What D1 makes of values that come from Python: the table of d1_types.py, seen on workerd."""

import json
import math

from pyodide.ffi import JsException, JsProxy, jsnull, to_js

from tiny_dancer.errors import InvalidInputError
from tiny_dancer.history.stores.d1_types import from_d1, to_d1

KEPT = [
    ("None", None, None),
    ("True", True, 1),
    ("0", 0, 0),
    ("-1", -1, -1),
    ("2^31", 1 << 31, 1 << 31),
    ("2^53-2", (1 << 53) - 2, (1 << 53) - 2),
    ("1.5", 1.5, 1.5),
    ("2.0", 2.0, 2.0),
    ("-0.0", -0.0, 0.0),
    ("0.1", 0.1, 0.1),
    ("1e300", 1e300, 1e300),
    ("empty text", "", ""),
    ("text", "h\u00e9llo \U0001f600", "h\u00e9llo \U0001f600"),
    ("text that looks like a number", "5", "5"),
]
REFUSED = [
    ("2^53", 1 << 53),
    ("2^63-1", (1 << 63) - 1),
    ("nan", math.nan),
    ("inf", math.inf),
    ("lone surrogate", "\ud800"),
    ("bytes", b"ab"),
    ("list", [1, 2]),
    ("dict", {"a": 1}),
]


async def main(database, _) -> str:
    lines = []

    async def trip(value):
        row = await database.prepare("select ? as x").bind(value).first()
        return row.x

    for name, value, want in KEPT:
        (sent,) = to_d1([value], jsnull)
        back = from_d1(await trip(sent), jsnull)
        lines.append([name, "kept", back == want and (back is None) == (want is None)])
    for name, value in REFUSED:
        try:
            to_d1([value], jsnull)
        except InvalidInputError:
            lines.append([name, "refused by us", True])
        else:
            lines.append([name, "refused by us", False])

    async def traps(name, value, seen):
        """Why they are refused; a D1 that behaves otherwise one day is noticed here."""
        try:
            back = await trip(value)
        except (JsException, OverflowError, TypeError):
            back = "refused"
        if isinstance(back, JsProxy):
            back = back.to_py()
        lines.append([name, "trap", "same" if back == seen or back is seen else repr(back)])

    await traps("None", None, "refused")
    await traps("2^53", 1 << 53, "refused")
    await traps("nan", math.nan, jsnull)
    await traps("inf", math.inf, jsnull)
    await traps("bytes", b"ab", "refused")
    await traps("list", [1, 2], "refused")
    await traps("to_js(list)", to_js([1, 2]), [1, 2])

    await database.prepare("create table kinds (i integer, r real, s text) strict").run()
    text = "insert into kinds select value ->> 0, value ->> 1, value ->> 2 from json_each(?)"
    await database.prepare(text).bind(json.dumps([[5, 2, "5"], [None, None, None]])).run()
    rows = await database.prepare(
        "select i, r, s, typeof(i), typeof(r), typeof(s) from kinds"
    ).raw()
    numbers, nulls = [[from_d1(value, jsnull) for value in row] for row in rows.to_py()]
    lines.append(["columns", "json_each", numbers == [5, 2, "5", "integer", "real", "text"]])
    lines.append(["nulls", "json_each", nulls == [None, None, None, "null", "null", "null"]])
    return json.dumps(lines)

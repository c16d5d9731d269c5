"""The page's section about this revision against another one."""

from typing import Any

from markdown import machine, short, table

WAYS = {
    "resident": "resident",
    "resident_read": "resident, all read",
    "resident_aged": "resident, a year later",
    "packed": "packed",
    "packed_read": "packed, all read",
    "objects": "`Candidate` objects, the same list again",
}
TEXT = {"text": "one text", "text_read": "one text, read"}
STARTS = {
    "python": "`python -c pass`",
    "wasmtime": "`import wasmtime`",
    "typer": "`import typer`, the command line's parser",
    "import": "`import tiny_dancer`",
    "first_decision": "`Router()` and a first decision",
    "cli_route": "`tiny-dancer route`",
}


def against(found: dict[str, Any]) -> str:
    """The section, from bench-against.json."""
    rows = {(row["host"], row["way"], row["n"]): row for row in found["rows"]}
    sizes = sorted({n for _, way, n in rows if way in WAYS})
    head = ["", *(f"{n:,}" for n in sizes)]
    times = [
        [f"{host}, {what}", *(_pair(rows[key, way, n]) for n in sizes)]
        for host, key in (("Pyodide", "pyodide"), ("CPython", "cpython"))
        for way, what in WAYS.items()
    ]
    aims = [
        [what, *(_aim(rows["pyodide", way, n]) for n in sizes)]
        for way, what in WAYS.items()
        if rows["pyodide", way, sizes[0]]["aim"] is not None
    ]
    aged = rows["pyodide", "resident_aged", sizes[-1]]["times_as_fast"]
    tails = [[what, *(_tail(rows["pyodide", way, n]) for n in sizes)] for way, what in WAYS.items()]
    texts = [
        [
            f"{host}, {what}",
            *(short(row[which]["p50"]) for which in ("new", "old")),
            f"{row['times_the_kernel']:.2f}",
        ]
        for host, key in (("Pyodide", "pyodide"), ("CPython", "cpython"))
        for way, what in TEXT.items()
        for row in [next(row for row in found["rows"] if (row["host"], row["way"]) == (key, way))]
    ]
    starts = [
        [what, *(short(found["starts"][name][which]) for which in ("new", "old"))]
        for name, what in STARTS.items()
    ]
    many = found["starts"]["route_many_a_second"]
    kernel = next(row for row in found["rows"] if row["way"] == "text")["beside"]["p50"]
    versions = found["versions"]
    return f"""## Against revision {found["revision"][:7]}

Both revisions in one run, in turn (`./build.sh bench --against {found["revision"][:7]}`), the \
clock of the candidates' ages standing still. *All read*: model, confidence, reason and the best \
five decisions. *A year later*: the clock stands 365 days on. Median microseconds, this revision \
and that one:

{table(head, times)}

How many times as fast in Pyodide at the median, of what was aimed at:

{table(head, aims)}

Where an aim is missed, what is left of a call is Python's byte code between the caller and the \
kernel: telling the kinds of request apart, filling the block, two readings of the clock, the \
choice, the response, its record. What each part takes stands under "One text" below. \
At {sizes[-1]:,} residents the kernel decides, and its gain is with candidates that are old: \
{aged:.1f} times as fast a year later, since no recency becomes a subnormal number any more \
(docs/kernel.md).

P95 / P99 of this revision in Pyodide, microseconds:

{table(head, tails)}

A text of 36 tokens; the kernel alone takes {kernel:.1f} µs in V8 in the same run:

{table(["", "this, µs", "that, µs", "times the kernel"], texts)}

Milliseconds of processor time of a process that does this, median, with bytecode in place as pip \
leaves it:

{table(["", "this", "that"], starts)}

`route_many`: {many["new"]:,.0f} prompts of 200 characters a second of processor time on one core \
of CPython, against {many["old"]:,.0f}. A router takes \
{found["memory"]["new"]["router_mib_cpython"]:.1f} MiB in CPython, against \
{found["memory"]["old"]["router_mib_cpython"]:.1f}.

{
        machine(
            found["machine"],
            Node=versions["node"],
            Pyodide=versions["pyodide"],
            wasmtime=versions["wasmtime"],
        )
    }
"""


def _pair(row: dict[str, Any]) -> str:
    return f"{short(row['new']['p50'])} / {short(row['old']['p50'])}"


def _aim(row: dict[str, Any]) -> str:
    reached = row["times_as_fast"]
    return f"{reached:.1f} of {row['aim']:g}: {'met' if reached >= row['aim'] else 'missed'}"


def _tail(row: dict[str, Any]) -> str:
    return f"{short(row['new']['p95'])} / {short(row['new']['p99'])}"

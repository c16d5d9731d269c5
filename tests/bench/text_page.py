"""The page's section about one text, and about where the time of a decision goes."""

from typing import Any

from markdown import table

HOSTS = ("CPython", "Pyodide")


def text(found: dict[str, Any]) -> str:
    """The section about one text."""
    rows = [
        [what, f"{found[name]:.1f}"]
        for name, what in (
            ("kernel", "kernel alone, in V8"),
            ("pyodide", "`router.route`, Pyodide in Node"),
            ("pyodide_without_glue", "the same without the glue module"),
            ("cpython", "scorer, CPython"),
            ("cpython_route", "`router.route`, CPython"),
        )
    ]
    parts = [
        [
            what,
            *(
                f"{found[f'{host.lower()}_stages'][f'{kind}_{part}']:.1f}"
                for kind in ("text", "resident")
                for host in HOSTS
            ),
        ]
        for part, what in (
            ("run", "run of the kernel"),
            ("score", "`router.score`, run included"),
            ("decide", "`decide`"),
            ("record", "`router.record`"),
            ("route", "`router.route`: all of it"),
        )
    ]
    decide = [found[f"{host.lower()}_stages"]["text_decide"] for host in HOSTS]
    slower = decide[1] / decide[0]
    return f"""## One text

A prompt of {found["tokens"]} tokens ({found["prompt_bytes"]} bytes), median microseconds:

{table(["", "µs"], rows)}

Where it goes, each part called alone; one resident beside it:

{table(["", *(f"{what}, {host}" for what in ("text", "resident") for host in HOSTS)], parts)}

The run of the kernel is the host's call into it, with the request in its block. What is above it \
is Python's byte code: the request told apart, the clock, UTF-8, the block filled and read; then \
the choice; then name, time, response and count. `decide`, which is Python alone, takes \
{slower:.1f} times as long in Pyodide as on CPython. Fewer calls would be one long function beside \
the parts that people read. \
Load {found["load"]:g}.

Memory that a router adds: {found["cpython_rss_growth_mib"]} MiB in CPython. The wheel has \
{found["wheel_bytes"]:,} bytes.
"""

"""docs/starts.md and its timeline, from docs/results/tab-starts.json."""

from pathlib import Path
from typing import Any

from markdown import machine, short, table
from matplotlib import rc_context
from matplotlib.figure import Figure

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/results/tab-starts.svg"
PAGE = ROOT / "docs/starts.md"
NAMES = {"stock": "stock Pyodide", "plain": "plain start", "image": "memory image"}
PHASES = (("fetched", "files fetched"), ("loaded", "router loaded"), ("decided", "first decision"))
ROWS = (
    ("cold", "stock"),
    ("cold", "plain"),
    ("cold", "image"),
    ("warm", "stock"),
    ("warm", "plain"),
    ("warm", "image"),
    ("offline", "image"),
)


def draw(medians: dict[str, Any]) -> None:
    """A bar a kind of visit and way of starting, its phases one after the other."""
    with rc_context({"svg.hashsalt": "tiny-dancer", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7, 3.4), layout="constrained")
        axes = figure.subplots()
        for row, (kind, mode) in enumerate(ROWS):
            begin = 0.0
            for at, (phase, name) in enumerate(PHASES):
                end = medians[mode][kind].get(phase, begin)
                label = name if row == len(ROWS) - 1 else None
                axes.barh(row, end - begin, left=begin, color=f"C{at}", label=label)
                begin = end
        axes.set_yticks(range(len(ROWS)), [f"{kind}, {NAMES[mode]}" for kind, mode in ROWS])
        axes.invert_yaxis()
        axes.set_xlabel("milliseconds, medians")
        axes.grid(axis="x", alpha=0.3)
        axes.legend(fontsize=8)
        figure.savefig(PICTURE, metadata={"Date": None})


def write_page(found: dict[str, Any]) -> None:
    """Draw the timeline and write the page around it."""
    medians, ratios, aims = found["medians_ms"], found["of_stock"], found["aims"]
    chromium = found["chromium"].partition(".")[0]
    draw(medians)
    rows = [
        [f"{kind}, {NAMES[mode]}", *(_cell(medians[mode][kind], phase) for phase, _ in PHASES)]
        for kind, mode in ROWS
    ]
    aimed = [
        [
            name,
            f"{ratios[key]:.2f}",
            f"{aims[key]:g}",
            "met" if ratios[key] <= aims[key] else "missed",
        ]
        for key, name in (
            ("warm", "warm, of stock Pyodide"),
            ("cold", "cold, of stock Pyodide"),
            ("offline_of_warm", "offline, of warm"),
        )
    ]
    events = [
        [NAMES[mode], ", ".join(f"{name}: {n}" for name, n in sorted(seen.items())) or "none"]
        for mode, seen in found["trace_of_a_warm_visit"].items()
    ]
    PAGE.write_text(
        f"""# Starts in a tab

`./build.sh bench --starts` measures, and writes this page. No test asserts a time.

From the call to the first decision, in a new profile each round, {found["rounds"]} rounds, all \
ways in turn, brotli over loopback. Stock is Pyodide as it is published, with the package's wheel \
unpacked in a worker; plain is the compiled, trimmed library (`snapshot: false`); the memory image \
is what `Router.load()` does. Cold is a first visit; warm one after two visits of \
{found["decisions_before_a_warm_visit"] // 2:,} decisions each, when the browser has stored the \
files and the code it compiled; offline the same from a service worker with the server stopped.

![Timeline of starts](results/tab-starts.svg)

Milliseconds, medians:

{table(["", *(name for _, name in PHASES)], rows)}

{table(["first decision", "found", "aim, at most", ""], aimed)}

Events of the browser's cache of compiled wasm in a trace of a warm visit:

{table(["", "events"], events)}

The page's head preloads neither the worker nor its files: Chromium {chromium} refuses \
`as="worker"`, and a worker does not look into what its page has preloaded, so that Chromium warns \
of files that are not used.

{machine(found["machine"], Chromium=found["chromium"])}
""",
        encoding="utf-8",
    )


def _cell(marks: dict[str, float], phase: str) -> str:
    return short(marks[phase]) if phase in marks else ""

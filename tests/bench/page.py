"""Last part of `./build.sh bench`: docs/performance.md and its picture, from docs/results/*.json.

No figure of that page is written by hand. The same files give the same bytes.
"""

import json
from pathlib import Path
from typing import Any

from against_page import against
from markdown import machine, short, table
from matplotlib import rc_context
from matplotlib.figure import Figure
from residents_page import residents
from text_page import text
from trust_page import trust

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs/results"
PAGE = ROOT / "docs/performance.md"
PICTURE = RESULTS / "bench-candidates.svg"

NAMES = {
    "peer_full": "native package, all fields",
    "peer_bare": "native package, id and vector only",
    "pyodide_resident": "Pyodide, resident",
    "pyodide_resident_read": "Pyodide, resident, 5 decisions read",
    "pyodide_packed": "Pyodide, packed",
    "pyodide_packed_read": "Pyodide, packed, 5 decisions read",
    "pyodide_objects": "Pyodide, `Candidate` objects made before",
    "pyodide_lists": "Pyodide, `Candidate` objects made from lists in the call",
    "cpython_resident": "CPython, resident",
    "cpython_resident_read": "CPython, resident, 5 decisions read",
    "cpython_packed": "CPython, packed",
    "cpython_packed_read": "CPython, packed, 5 decisions read",
    "cpython_objects": "CPython, `Candidate` objects made before",
    "cpython_lists": "CPython, `Candidate` objects made from lists in the call",
}
DRAWN = ("peer_full", "pyodide_resident", "pyodide_packed", "pyodide_objects", "pyodide_lists")


def results(name: str) -> dict[str, Any]:
    """A results file."""
    found: dict[str, Any] = json.loads((RESULTS / name).read_text(encoding="utf-8"))
    return found


def candidates(found: dict[str, Any]) -> str:
    """The section about candidates."""
    times, ratios, aims = found["microseconds"], found["ratios"], found["aims"]
    sizes = list(times["peer_full"])
    percentiles = ("p50", "p95", "p99")
    rows = [
        [NAMES[case], *(" / ".join(short(times[case][n][p]) for p in percentiles) for n in sizes)]
        for case in NAMES
        if case in times
    ]
    head = ["candidates", *(f"{int(n):,}" for n in sizes)]
    against = [
        [
            NAMES[case],
            *(
                f"1/{1 / ratios[case][n]:.1f}" if ratios[case][n] < 1 else f"{ratios[case][n]:.1f}"
                for n in sizes
            ),
        ]
        for case in ratios
    ]
    medians = ["*its median, µs*", *(f"*{short(times['peer_full'][n]['p50'])}*" for n in sizes)]
    against.append(medians)
    wanted = [
        [
            NAMES[case],
            *(
                f"{ratios[case][n]:.1f} of {aims[case][n]}: "
                f"{'met' if ratios[case][n] >= aims[case][n] else 'missed'}"
                if n in aims[case]
                else f"{ratios[case][n]:.1f}"
                for n in sizes
            ),
        ]
        for case in aims
    ]
    slower = [n for n in sizes if ratios["pyodide_lists"][n] < 1]
    lists = (
        f"slower than the native package at {', '.join(f'{int(n):,}' for n in slower)} candidates"
        if slower
        else "still faster than the native package"
    )
    versions = found["versions"]
    return f"""## Candidates

A query and candidates of {found["dimension"]} numbers each, with all optional fields, the best \
{
        found["top_k"]
    } asked for: the whole call of `router.route` in Python with its response, timed one \
by one. Beside it the npm package `@ruvector/tiny-dancer` {
        versions["native"]
    } (native code) on the \
same vectors and fields, in the same Node process; all cases in turn in one run. The clock of the \
candidates' ages stands still.

Microseconds, P50 / P95 / P99:

{table(head, rows)}

![Medians by number of candidates](results/bench-candidates.svg)

How many times as fast as the native package (all fields) at the median; 1/n: n times slower.

{table(head, against)}

On {found["machine"]["processor"]} with load {found["machine"]["load"]:g} on \
{found["machine"]["cores"]} cores. At 1 and 10 candidates the time that the thread of the native \
package takes to wake up decides, and that is what else the machine does: those have no aim. \
What was aimed at:

{table(head, wanted)}

- **Resident** candidates were handed over before (`set_candidates`); the native package gets its \
vectors in each call, so this is another contract. **Packed** ones (`PackedCandidates`, one \
float32 buffer) come with each call: the row to compare.
- **Plain lists cost.** `Candidate` objects made from lists in each call turn every number into \
bytes in Python, and are {lists}. Make `Candidate` objects once, or better hold them resident or \
packed.
- A response builds its decisions when they are read; the rows that say so read all \
{found["top_k"]} inside the clock. The native package builds one for every candidate.
- CPython runs in another process than the native package; the two took turns in one run.
- P95 and P99 hold what else the machine did: compare rows, not runs.

{
        machine(
            found["machine"],
            Node=versions["node"],
            Pyodide=versions["pyodide"],
            wasmtime=versions["wasmtime"],
        )
    }
"""


def score(found: dict[str, Any]) -> str:
    """The section about files."""
    return f"""## Files

`tiny-dancer score` over {found["prompts"]:,} prompts of MMLU as JSONL, one core, from the start \
of the process to its end, median of {found["runs"]} runs: \
**{found["prompts_per_processor_second"]:,} prompts a second of processor time** \
({found["processor_seconds"]:.2f} s), \
{found["prompts_per_wall_second"]:,} a second of the clock ({found["wall_seconds"]:.2f} s) on a \
machine with load {found["machine"]["load"]:g} on {found["machine"]["cores"]} cores.
"""


def history(found: dict[str, Any]) -> str:
    """The section about what history costs."""
    decision, million = found["decision_us"], found["sqlite_million"]
    rows = [
        [
            what,
            *(f"{decision[name][key]:.1f}" for key in ("without_history", "history")),
            f"{decision[name]['history'] - decision[name]['without_history']:+.1f}",
            *(f"{decision[name][key]:.3f}" for key in ("ratio_history", "ratio_noise")),
        ]
        for name, what in (
            ("back_to_back", "back to back"),
            ("1000_a_second", "1,000 a second"),
        )
    ]
    stores = {
        "memory": "memory, CPython",
        "sqlite": "SQLite, CPython",
        "indexeddb": "IndexedDB, Pyodide in a tab of Chromium",
        "d1_through_miniflare": "D1, Pyodide in Node, through Miniflare",
    }
    kept = found["record_routing_p50_ms"]
    return f"""## History

Median microseconds of `router.route` on CPython with a SQLite store and without one, in one run, \
what the store adds, and their ratio; the last column compares a router without history with itself.

{table(["", "without", "with", "adds", "ratio", "noise"], rows)}

One decision record written and acknowledged, median milliseconds (a decision does not wait for it):

{table(["", "ms"], [[what, f"{kept[name]:.3f}"] for name, what in stores.items() if name in kept])}

With 1,000,000 decisions in SQLite: statistics {million["statistics_ms"]:.2f} ms, the newest 50 \
{million["newest_50_ms"]:.2f} ms. Load {found["machine"]["load"]:g}.
"""


def soak(found: dict[str, Any]) -> str:
    """The section about long runs."""
    names = {
        "kernel_bytes": "kernel memory, bytes",
        "python_objects": "objects that Python holds",
        "python_blocks": "blocks that Python holds",
        "resident_bytes": "resident size of the process, bytes",
        "pyodide_bytes": "Pyodide's memory, bytes",
    }
    rows = []
    for host, label in (("memory_cpython", "CPython"), ("memory_pyodide", "Pyodide")):
        before, after = found[host]["before"], found[host]["after"]
        rows += [
            [f"{label}: {what}", f"{before[name]:,}", f"{after[name]:,}"]
            for name, what in names.items()
            if name in before
        ]
    seen, changed, n = found["reload"], found["residents"], found["memory_cpython"]["requests"]
    answers = seen.get("by bundle 0", 0) + seen.get("by bundle 1", 0)
    return f"""## Long runs

Memory before and after {n:,} requests (texts, residents, packed candidates in turn; every \
response read):

{table(["", "before", "after"], rows)}

Two threads routed for {seen["seconds"]} seconds while a third swapped two bundles \
{seen["reloads"]:,} times: {answers:,} answers compared with what the bundle they name must give, \
{seen["wrong"]} wrong. Eight threads routed for {changed["seconds"]} seconds while another set \
residents {changed["changes"]:,} times: {changed["decisions"]:,} scores compared with the \
candidate they stand beside, {changed["wrong"]} wrong. `./build.sh bench --soak` runs this again.
"""


def draw(found: dict[str, Any]) -> None:
    """Medians over the number of candidates, both axes logarithmic."""
    with rc_context({"svg.hashsalt": "tiny-dancer", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.subplots()
        for case in DRAWN:
            sizes = found["microseconds"][case]
            axes.loglog(
                [int(n) for n in sizes],
                [found["p50"] for found in sizes.values()],
                marker="o",
                label=NAMES[case].replace("`", ""),
                **({"color": "black", "linewidth": 2.5} if case == "peer_full" else {}),
            )
        axes.set_xlabel(f"candidates of {found['dimension']} numbers")
        axes.set_ylabel("microseconds a call, median")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
        figure.savefig(PICTURE, metadata={"Date": None})


def main() -> None:
    """Draw and write what there are results of."""
    sections = (
        ("bench-candidates.json", candidates),
        ("bench-residents.json", residents),
        ("bench-against.json", against),
        ("bench-text.json", text),
        ("bench-score.json", score),
        ("bench-history.json", history),
        ("bench-trust.json", trust),
        ("soak.json", soak),
    )
    parts = [section(results(name)) for name, section in sections if (RESULTS / name).exists()]
    head = (
        "# Performance\n\n"
        "`./build.sh bench` measures, and writes this page (tests/bench/page.py) from the files "
        "in docs/results/. No test asserts a time.\n"
    )
    PAGE.write_text("\n".join([head, *parts]), encoding="utf-8")
    if (RESULTS / "bench-candidates.json").exists():
        draw(results("bench-candidates.json"))
    print(f"{PAGE.relative_to(ROOT)} is written")


if __name__ == "__main__":
    main()

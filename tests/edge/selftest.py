"""`./build.sh edge --selftest`: the Worker on real workerd with a real local D1, and its cost.

Writes docs/results/edge.json. Only decisions, history and sizes can fail; times are what this
machine gave, side by side. The last line is the summary.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.machine import machine
from edge.decisions import expected, plain, sample
from edge.workerd import ROOT, WORKER, ColdStart, Local, cold_start
from edge.wrangler import LIMITS, startup, upload
from hosts.conftest import find_node

RESULT: Final = ROOT / "docs/results/edge.json"
DOCUMENT: Final = ROOT / "docs/edge.md"
BEGIN: Final = "<!-- written by ./build.sh edge --selftest -->"
END: Final = "<!-- end -->"
STOCK: Final = ROOT / "build/worker-stock"
PROMPTS: Final = 20
STARTS: Final = 7
AIM: Final = 1 / 6
WARN: Final = 1 / 3

NO_COMPILING: Final = "disallow_eval_during_startup"
"""Without it workerd lets a module compile bytes while it is evaluated; never inside a request."""

VARIANTS: Final = {
    "stock": (STOCK, "plain.mjs", "Pyodide's library and the package as published"),
    "compiled": (WORKER, "plain.mjs", "both compiled, the library trimmed"),
    "image": (WORKER, "index.mjs", "memory image, restored at global scope"),
}


class Checks:
    """What was looked at, and what was not as it should be."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def __call__(self, what: str, good: bool) -> None:
        """Print one line; keep it where it is bad."""
        print(f"  {'ok ' if good else 'BAD'}  {what}", flush=True)
        if not good:
            self.failed.append(what)


def serving(check: Checks, node: str, folder: Path) -> dict[str, Any]:
    """Decisions, and a breaker that is open before and after a restart."""
    options = ("--flag", NO_COMPILING)
    prompts = sample(PROMPTS)
    with Local(node, folder / "d1", WORKER, *options) as worker:
        health = worker.ask("/healthz")
        check(
            "starts from the image, with compiling of bytes forbidden",
            health.status == 200 and health.headers["x-tiny-dancer-start"] == "image",
        )
        same = sum(_decision(worker, p) == expected(p) for p in prompts)
        check(f"{same} of {PROMPTS} decisions are CPython's, digit for digit", same == PROMPTS)
        light = next(p for p in prompts if json.loads(expected(p))["model"] == "light")
        check("a breaker is held open", worker.hold("light", "open").status == 200)
        check("a decision avoids it", _reason(worker, light) == "breaker_light_open")
        routes = worker.ask("/v1/stats").json["total_routes"]
    with Local(node, folder / "d1", WORKER, *options) as worker:
        check(
            "after a restart the first decision avoids it",
            _reason(worker, light) == "breaker_light_open",
        )
        again = worker.ask("/v1/stats").json["total_routes"]
        check(f"{again} decisions are stored", (routes, again) == (PROMPTS + 1, PROMPTS + 2))
    return {"prompts": PROMPTS, "same_decisions": same}


def _decision(worker: Local, prompt: str) -> str:
    answer = worker.ask("/v1/route", {"prompt": prompt})
    return plain(answer.json) if answer.status == 200 else answer.text


def _reason(worker: Local, prompt: str) -> str:
    reason: str = json.loads(_decision(worker, prompt))["reason"]
    return reason


def starting(starts: int) -> dict[str, list[ColdStart]]:
    """Cold starts of `workerd serve`, the variants in turn."""
    found: dict[str, list[ColdStart]] = {name: [] for name in VARIANTS}
    for _ in range(starts):
        for name, (folder, entry, _) in VARIANTS.items():
            found[name].append(cold_start(folder, entry))
    return found


def medians(starts: Iterable[ColdStart]) -> dict[str, float]:
    """The row of one variant, in milliseconds and MiB."""
    starts = list(starts)

    def middle(value: Callable[[ColdStart], float]) -> float:
        return round(median(map(value, starts)), 1)

    return {
        "listen_ms": middle(lambda s: s.listen_ms),
        "answer_ms": middle(lambda s: s.answer_ms),
        "answer_cpu_ms": middle(lambda s: s.answer_cpu_ms),
        "total_ms": middle(lambda s: s.total_ms),
        "least_total_ms": round(min(s.total_ms for s in starts), 1),
        "cpu_ms": middle(lambda s: s.cpu_ms),
        "rss_mib": middle(lambda s: s.rss_mib),
    }


def table(rows: dict[str, dict[str, float]]) -> None:
    """Print the cold starts."""
    names = ("listen_ms", "answer_ms", "answer_cpu_ms", "total_ms", "least_total_ms", "cpu_ms")
    heads = ("listen", "answer", "its CPU", "total", "least", "CPU")
    print(f"  {'':10}" + "".join(f"{head:>9}" for head in heads))
    for name, row in rows.items():
        print(f"  {name:10}" + "".join(f"{row[n]:9.1f}" for n in names) + f"   {VARIANTS[name][2]}")


def figures(result: dict[str, Any]) -> str:
    """The result as docs/edge.md shows it."""
    head = "| start | listen | first answer after that | its CPU | total | CPU | MiB |"
    columns = ("listen_ms", "answer_ms", "answer_cpu_ms", "total_ms", "cpu_ms", "rss_mib")
    rows = [
        f"| {name}: {VARIANTS[name][2]} | {' | '.join(f'{row[c]:.0f}' for c in columns)} |"
        for name, row in result["cold_start"].items()
    ]
    place = result["machine"]
    raw, packed = result["upload_kib"] / 1024, result["upload_gzip_kib"] / 1024
    return "\n".join(
        [
            "`workerd serve` without a database, milliseconds, medians of "
            f"{result['starts']} starts in turn ({place['processor']}, {place['cores']} cores, "
            f"load {place['load']}):",
            "",
            head,
            "| --- | --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            f"Upload: {raw:.1f} MiB, {packed:.1f} MiB by gzip. `wrangler check startup`: "
            f"{result['startup_active_ms']:.0f} ms active.",
        ]
    )


def document(result: dict[str, Any]) -> None:
    """Put the figures between their marks in docs/edge.md."""
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    assert after, f"{DOCUMENT} has no {BEGIN} and {END}"
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{figures(result)}\n\n{END}{after}")


def main() -> int:
    """Look, measure, print, write; 1 where something is not as it should be."""
    node, check = find_node(), Checks()
    if node is None:
        raise SystemExit("no Node 22.12: ./build.sh setup")
    print("The Worker on workerd, with D1", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        served = serving(check, node, Path(folder))
    print(
        f"Cold start of `workerd serve` without D1, medians of {STARTS}, milliseconds", flush=True
    )
    subprocess.run([node, ROOT / "worker/layout.mjs", "--stock", STOCK], check=True)
    starts = starting(STARTS)
    rows = {name: medians(found) for name, found in starts.items()}
    table(rows)
    check("the image was restored in every start", {s.how for s in starts["image"]} == {"image"})
    shares = {of: rows["image"][of] / rows["stock"][of] for of in ("total_ms", "cpu_ms")}
    share = shares["total_ms"]
    if share > WARN:
        print(f"  warning: the image takes {share:.2f} of the stock start; {AIM:.2f} is the aim")
    print("Upload and start, by wrangler", flush=True)
    sizes = {**upload(), **startup()}
    raw, packed = sizes["upload_kib"] / 1024, sizes["upload_gzip_kib"] / 1024
    check(f"upload {raw:.1f} MiB of {LIMITS['upload_mib']}", raw < LIMITS["upload_mib"])
    older, allowed = LIMITS["upload_gzip_paid_mib"], LIMITS["startup_cpu_ms"]
    print(f"       gzip {packed:.1f} MiB; an older rule for paid plans: {older}")
    print(f"       start {sizes['startup_active_ms']:.0f} ms active here; {allowed} are allowed")
    result = {
        "machine": machine(),
        "serving": served,
        "starts": STARTS,
        "cold_start": rows,
        "image_share_of_stock": {name: round(share, 3) for name, share in shares.items()},
        **sizes,
        "limits": LIMITS,
        "failed": check.failed,
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    document(result)
    summary = (
        f"{served['same_decisions']} of {PROMPTS} decisions as on CPython",
        f"image start 1/{1 / share:.1f} of stock",
        f"first answer {rows['image']['answer_ms']} ms after listening "
        f"({rows['image']['answer_cpu_ms']} ms of CPU)",
        f"upload {raw:.1f} MiB",
        f"load {result['machine']['load']}",
    )
    verdict = f"FAILED: {', '.join(check.failed)}" if check.failed else "ok"
    print(f"edge: {verdict}; {', '.join(summary)}")
    return int(bool(check.failed))


if __name__ == "__main__":
    sys.exit(main())

"""`python -m whole_way.run`: the whole way, many times over, into docs/results/whole-way.json.

From the folder tests. Each repetition is one seed; of the first ones the rest of the way is gone
too: the router is on, then the light model gets worse.
"""

import argparse
import json
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from math import comb
from pathlib import Path
from statistics import mean, median
from typing import Any

from whole_way.in_process import run_way
from whole_way.steps import DELTA, SHARE, TARGET
from whole_way.world import JUDGE_ERRS, KINDS, POPULATION

RESULTS = Path(__file__).parents[2] / "docs/results/whole-way.json"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--on", type=int, default=10, help="repetitions that go the rest too")
    parser.add_argument("--requests", type=int, default=3_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    plans = [
        (seed, options.requests, *((options.requests, 4_000) if seed <= options.on else (0, 0)))
        for seed in range(1, options.repeats + 1)
    ]
    runs: list[dict[str, Any]] = []
    with ProcessPoolExecutor(options.processes) as pool:
        for found in pool.map(run_way, *zip(*plans, strict=True)):
            runs.append(found)
            print(json.dumps(found), file=sys.stderr, flush=True)
            text = json.dumps(summarise(runs, options.requests), indent=1)
            options.out.write_text(text + "\n", "utf-8")
    return 0


def summarise(runs: list[dict[str, Any]], requests: int) -> dict[str, Any]:
    """What the repetitions come to."""
    certified = [run for run in runs if "refused" not in run]
    failed = [run for run in certified if run["true_quality"] < TARGET]
    on = [run for run in certified if run.get("served_light")]
    alarms = [run["alarm_after"] for run in certified if run.get("alarm_after") is not None]
    return {
        "made_by": "python -m whole_way.run",
        "machine": platform.machine(),
        "world": {
            "population": POPULATION,
            "kinds": [{"light": light, "powerful": powerful} for _, light, powerful in KINDS],
            "judge_errs": JUDGE_ERRS,
        },
        "requests": requests,
        "shadow_share": SHARE,
        "target": TARGET,
        "delta": DELTA,
        "repetitions": len(runs),
        "refused": len(runs) - len(certified),
        "below_target": len(failed),
        "most_allowed": find_most(len(certified), DELTA),
        "pairs": mean(run["pairs"] for run in runs),
        "light_share": _spread([run["light_share"] for run in certified]),
        "attainable": mean(run["attainable"] for run in runs),
        "true_quality": _spread([run["true_quality"] for run in certified]),
        "money_differs_by_at_most": max(abs(run["money_differs_by"]) for run in runs),
        "switched_on": len(on),
        "false_alarms": sum(bool(run.get("false_alarm")) for run in certified),
        "alarm_after": _spread([float(n) for n in alarms]),
        "no_alarm": sum("alarm_after" in run and run["alarm_after"] is None for run in certified),
        "runs": runs,
    }


def describe(found: dict[str, Any]) -> str:
    """The table of docs/shadow.md."""
    quality, share = found["true_quality"], found["light_share"]
    rows = [
        ("repetitions, refused", f"{found['repetitions']}, {found['refused']}"),
        ("graded pairs, mean", f"{found['pairs']:.0f}"),
        ("certified, and in truth below the target", f"{found['below_target']}"),
        ("true quality kept: least, median", f"{quality['least']:.3f}, {quality['median']:.3f}"),
        ("true light share: least, median, most", ", ".join(f"{n:.2f}" for n in share.values())),
        ("light share that an oracle reaches, mean", f"{found['attainable']:.2f}"),
        ("false alarms after switching on", f"{found['false_alarms']} of {found['switched_on']}"),
    ]
    if found["alarm_after"]:
        after = ", ".join(f"{n:,.0f}" for n in found["alarm_after"].values())
        rows.append(("requests until the alarm: least, median, most", after))
        none = f"{found['no_alarm']} of {found['switched_on']}"
        rows.append(("no alarm in the requests after the light model failed", none))
    lines = [f"| {name} | {value} |" for name, value in rows]
    head = f"| {found['requests']:,} requests, shadow {found['shadow_share']:.0%}"
    head += f", target {found['target']:.0%}, δ {found['delta']:g} | |"
    return "\n".join([head, "| --- | --- |", *lines])


def find_most(n: int, delta: float, level: float = 0.001) -> int:
    """The most failures among n that a rate of delta makes but for a chance of `level`."""
    tail = 1.0
    for k in range(n + 1):
        tail -= comb(n, k) * delta**k * (1 - delta) ** (n - k)
        if tail <= level:
            return k
    return n


def _spread(values: list[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {"least": min(values), "median": median(values), "most": max(values)}


if __name__ == "__main__":
    sys.exit(main())

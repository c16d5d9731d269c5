"""`python -m tiny_dancer.train.candidate_report`: the figures of docs/candidates.md.

Trains the candidate scorer for the shipped bundle under several seeds, from the files in
TINY_DANCER_DATA, and writes docs/results/candidates.json, the picture beside it, and the tables
inside docs/candidates.md. With `--ship` the bundle's own scorer is trained anew as well.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..model import Bundle, read_bundle

CHECKOUT = Path(__file__).resolve().parents[3]
BUNDLE = Path(__file__).resolve().parents[1] / "data" / "default.safetensors"
BEGIN, END = "<!-- written by tiny_dancer.train.candidate_report -->", "<!-- end -->"
TITLES = {
    "text, 8": "The prompt alone (the bundle's own embedding), 8 candidates",
    "text, all": "The prompt alone, all {n} candidates",
    "sentence, 8": "A sentence vector of 384 numbers (all-MiniLM-L6-v2), 8 candidates",
    "sentence, all": "A sentence vector of 384 numbers, all {n} candidates",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 done."""
    parser = argparse.ArgumentParser(prog="candidate_report", description=__doc__)
    parser.add_argument("--bundle", type=Path, default=BUNDLE)
    parser.add_argument("--ship", action="store_true", help="write the bundle with its scorer anew")
    parser.add_argument(
        "--calibrate",
        action="store_true",
        help="fit the chances of the bundle's scorer anew; its ranking and those figures stay",
    )
    parser.add_argument("--docs", type=Path, default=CHECKOUT / "docs")
    parser.add_argument("--cache", type=Path, default=None, help="MiniLM's states, a .npz file")
    options = parser.parse_args(arguments)
    from .candidate_figures import figures, meant
    from .candidate_fit import CandidateRecipe
    from .candidate_stream import MOST, read_prompts
    from .candidate_table import second_table
    from .candidates import added, recalibrated, step_of
    from .labels import data_folder

    started = time.monotonic()

    def progress(line: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {line}", file=sys.stderr, flush=True)

    data, results = options.bundle.read_bytes(), options.docs / "results"
    prompts = read_prompts(read_bundle(data), data_folder(), options.cache, progress, MOST)
    if options.ship:
        data = added(data, prompts, progress)
        options.bundle.write_bytes(data)
    if options.calibrate:
        data, step = recalibrated(data, prompts)
        options.bundle.write_bytes(data)
        found = json.loads((results / "candidates.json").read_text(encoding="utf-8"))
        found.pop("calibration_error", None)
    else:
        step = step_of(read_bundle(data))
        found = figures(prompts, CandidateRecipe(), progress)
        found["second_table"] = second_table(read_bundle(data), prompts, data_folder())
    found |= {"shipped": shipped(read_bundle(data)), "calibration": meant(prompts, step)}
    rounded = json.loads(json.dumps(found), parse_float=lambda x: round(float(x), 4))
    (results / "candidates.json").write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")
    draw(rounded, results / "candidates.svg")
    page = options.docs / "candidates.md"
    page.write_text(renewed(page.read_text(encoding="utf-8"), rounded), encoding="utf-8")
    print(tables(rounded))
    return 0


def shipped(bundle: Bundle) -> dict[str, Any]:
    """Return what the calibration rows of a bundle say about its threshold."""
    config = bundle.config.candidate
    if config is None:
        raise ValueError("the bundle scores no candidates; --ship trains its scorer")
    confidence = np.array(bundle.tensors["candidate.calibration.confidence"])
    works = np.array(bundle.tensors["candidate.calibration.works"])
    above = confidence >= config.threshold
    return {
        "threshold": config.threshold,
        "rows": len(works),
        "rows_that_served": int(works.sum()),
        "rows_above": int(above.sum()),
        "served_above": float(works[above].mean()),
        "found_above": float(works[above].sum() / works.sum()),
    }


def renewed(page: str, found: dict[str, Any]) -> str:
    """Return the page with its tables drawn anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables(found)}\n{END}{after}"


def tables(found: dict[str, Any]) -> str:
    """Return the tables of docs/candidates.md; shares in per cent."""
    lines = []
    for name, table in found["tables"].items():
        title = TITLES[name].format(n=found["held_out_subjects"])
        lines += [
            f"**{title}.** {table['requests']:,} requests; a perfect order would reach "
            f"{_share(table['ceiling'])} %.",
            "",
            "| ranked by | top-1 | top-3 | regret | ahead of it, top-1 | ahead of it, top-3 |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        for router, row in table["routers"].items():
            ahead = [_ahead(row, k) for k in ("top1", "top3")]
            shares = [f"{_share(row[k])} %" for k in ("top1", "top3", "regret")]
            lines.append(f"| {' | '.join([router, *shares, *ahead])} |")
        lines.append("")
    own, second = found["shipped"], found["second_table"]
    lines += [
        "| candidates | ECE of all | best: mean confidence | best: share that fits "
        "| ECE of the best | best at the threshold or above | share of those that fits |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *[
            f"| {name} | {row['ece']:.3f} | {_share(row['best_mean'])} % "
            f"| {_share(row['best_right'])} % | {row['best_ece']:.3f} | {_share(row['above'])} % "
            f"| {_share(row['above_right'])} % |"
            for name, row in found["calibration"].items()
        ],
        "",
        f"The shipped threshold is {own['threshold']:.3f}: {own['rows_above']:,} of "
        f"{own['rows']:,} calibration rows lie above it, {_share(own['served_above'])} % of them "
        f"fit, and they are {_share(own['found_above'])} % of all that do.",
        "",
        "| ranked by the cosine alone | 8 candidates | all |",
        "| --- | ---: | ---: |",
        *[
            f"| {title} | {_share(second[name]['8'])} % | {_share(second[name]['all'])} % |"
            for name, title in (
                ("rows", "`embed` as it is: the text model's rows"),
                ("second", f"a second table of 32 numbers a token, {second['bytes']:,} bytes"),
            )
        ],
        "",
    ]
    return "\n".join(lines)


def draw(found: dict[str, Any], path: Path) -> None:
    """Draw top-1 accuracy with its 95 % intervals as an SVG file."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "candidates"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 3.4), layout="constrained")
    names = list(found["tables"])
    routers = list(found["tables"][names[0]]["routers"])
    for k, router in enumerate(routers):
        rows = [found["tables"][name]["routers"][router] for name in names]
        top = np.array([row["top1"] for row in rows])
        low, high = np.array([row["top1_interval"] for row in rows]).T
        axes.bar(
            np.arange(len(names)) + 0.2 * (k - 1.5),
            100 * top,
            0.19,
            yerr=100 * np.array([top - low, high - top]),
            label=router,
        )
    for at, name in enumerate(names):
        axes.hlines(100 * found["tables"][name]["ceiling"], at - 0.42, at + 0.42, "black", "dotted")
    axes.set_xticks(range(len(names)), [f"{name} candidates" for name in names])
    axes.set_ylabel("top-1 accuracy, %")
    axes.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.15))
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _share(value: float) -> str:
    return f"{100 * value:.1f}"


def _ahead(row: dict[str, Any], k: str) -> str:
    if f"ahead_{k}" not in row:
        return ""
    low, high = row[f"ahead_{k}_interval"]
    return f"{100 * row[f'ahead_{k}']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


if __name__ == "__main__":
    sys.exit(main())

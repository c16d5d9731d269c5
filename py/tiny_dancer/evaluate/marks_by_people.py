"""`python -m tiny_dancer.evaluate.marks_by_people`: what marks by people are worth beside a judge.

A simulation, so that the truth is known: the prompts of tests/calibration/test_guarantee.py, a
judge that marks all pairs, people who mark some of them, drawn by chance. Beside what the package
does it tries prediction-powered inference (Angelopoulos et al. 2023) by the same bets: each pair
that people marked is a bet on the judge's mean margin over as many further pairs as fall to it,
plus people's margin less the judge's; its mean is that of people's margin whatever the judge does.
Into docs/results/marks-by-people.json and the table of docs/shadow.md.
"""

import json
import re
import sys
from math import log
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..calibration.betting import FRACTIONS, WEIGHTS

CHECKOUT: Final = Path(__file__).resolve().parents[3]
RESULTS: Final = CHECKOUT / "docs" / "results" / "marks-by-people.json"
PAGE: Final = CHECKOUT / "docs" / "shadow.md"
TARGET, DELTA, RUNS, POPULATION = 0.95, 0.05, 100, 400_000
JUDGES: Final = {"right": (0.0, 0.0), "wrong at random": (0.05, 0.0), "kind": (0.0, 0.3)}
"""Share of marks that are turned round, and of wrong answers that pass for right."""
SIZES: Final = ((1_000, 100), (1_000, 300), (3_000, 300), (3_000, 1_000), (10_000, 1_000))
"""Pairs, and those among them that people mark."""
WAYS: Final = ("judge", "both", "people", "prediction-powered")
_BLOCK: Final = re.compile(r"(<!-- drawn: people -->\n).*?(<!-- end -->)", re.S)

_BETS: Final = tuple(zip(FRACTIONS, WEIGHTS, strict=True))

Array = npt.NDArray[np.float64]


def main() -> int:
    """Measure, write and draw; with `--redraw` draw alone."""
    if "--redraw" not in sys.argv[1:]:
        RESULTS.write_text(json.dumps(study(), indent=1) + "\n", encoding="utf-8")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(redraw(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    return 0


def study() -> dict[str, Any]:
    """Return light share certified and targets missed, by judge, sizes and way."""
    draw = np.random.default_rng(1)
    score, light, powerful = _draw_prompts(draw, POPULATION)
    order = np.argsort(score)
    gain, sorted_score = np.cumsum((light - powerful)[order]), score[order]
    kept = 1 + np.concatenate(([0.0], gain)) / powerful.sum()
    rows = []
    for judge, errs in JUDGES.items():
        for pairs, marked in SIZES:
            runs = [_certify(draw, pairs, marked, errs) for _ in range(RUNS)]
            for way in WAYS:
                light_to = np.searchsorted(sorted_score, [one[way] for one in runs], "right")
                missed = int((kept[light_to] < TARGET).sum())
                told = {"light_share": float(light_to.mean() / POPULATION), "missed": missed}
                rows.append({"judge": judge, "pairs": pairs, "marked": marked, "way": way, **told})
    facts = {"made_by": "python -m tiny_dancer.evaluate.marks_by_people", "runs": RUNS}
    best = float(np.flatnonzero(kept >= TARGET).max() / POPULATION)
    return {**facts, "target": TARGET, "delta": DELTA, "attainable": best, "rows": rows}


def _draw_prompts(draw: np.random.Generator, n: int) -> tuple[Array, Array, Array]:
    """Return difficulty, and whether the light and the powerful model answer rightly."""
    difficulty = draw.normal(size=n)
    p = 1 / (1 + np.exp(-(log(0.72 / 0.28) * 1.15 - difficulty)))
    light = (draw.random(n) < p).astype(float)
    return difficulty, light, (draw.random(n) < np.where(light > 0, 0.975, 0.82)).astype(float)


def _mark(draw: np.random.Generator, right: Array, errs: tuple[float, float]) -> Array:
    turned = np.where(draw.random(len(right)) < errs[0], 1 - right, right)
    return np.where((right == 0) & (draw.random(len(right)) < errs[1]), 1.0, turned)


def _certify(
    draw: np.random.Generator, pairs: int, marked: int, errs: tuple[float, float]
) -> dict[str, float]:
    """Return the highest score that is light by what each way certifies of one sample."""
    score, light, powerful = _draw_prompts(draw, pairs)
    shares = np.arange(0, 90) / 100
    limits = np.quantile(score, shares)
    limits[0] = -np.inf  # nothing is light
    is_light = score[None] <= limits[:, None]
    judged = [_mark(draw, right, errs) for right in (light, powerful)]
    truth = np.where(is_light, light, powerful) - TARGET * powerful
    told = np.where(is_light, *judged) - TARGET * judged[1]
    each = (pairs - marked) // marked
    rest = told[:, marked : marked * (1 + each)].reshape(len(shares), marked, each).mean(2)
    corrected = rest + truth[:, :marked] - told[:, :marked]
    both = np.concatenate((truth[:, :marked], told[:, marked:]), 1)
    ways = {"judge": (told, TARGET), "both": (both, TARGET), "people": (truth[:, :marked], TARGET)}
    ways["prediction-powered"] = corrected, 1 + 2 * TARGET
    return {way: _find_highest(limits, *margins) for way, margins in ways.items()}


def _find_highest(limits: Array, margins: Array, floor: float) -> float:
    """Return the last limit before the first at which the bets do not reach 1 / delta."""
    logs = [np.log1p(f / floor * margins).sum(1) + log(w) for f, w in _BETS]
    fails = np.flatnonzero(np.logaddexp.reduce(logs) < log(1 / DELTA))
    first = fails[0] if len(fails) else len(limits)
    return float(limits[first - 1]) if first else -np.inf


def redraw(page: str, results: dict[str, Any]) -> str:
    """Return the page with its table drawn anew."""
    lines = [
        "| judge | pairs | marked by people | by the judge | by both, as they come | by people "
        "alone | prediction-powered |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    cells = {(r["judge"], r["pairs"], r["marked"], r["way"]): _tell(r) for r in results["rows"]}
    for judge, pairs, marked in dict.fromkeys(key[:3] for key in cells):
        row = " | ".join(cells[judge, pairs, marked, way] for way in WAYS)
        lines.append(f"| {judge} | {pairs:,} | {marked:,} | {row} |")
    text = "\n".join(lines) + "\n"
    return _BLOCK.sub(lambda match: match[1] + text + match[2], page)


def _tell(row: dict[str, Any]) -> str:
    return f"{row['light_share']:.0%}, {row['missed']}"


if __name__ == "__main__":
    sys.exit(main())

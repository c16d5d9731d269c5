"""`python -m tiny_dancer.evaluate.few_labels`: what a few labels of a source left out are worth.

From the kept scores and head inputs of `./build.sh eval --full --part wide` (build/study) to
docs/results/quality/few-labels.json, which `./build.sh eval` draws. All routers learn the same
labels of a source and are tested on the same other questions of it. The ladder is that of `adapt`
from a history; the regressions on sentences read the states of encoders. mpnet is slow, so a
smaller sample of each source has it.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

CHECKOUT = Path(__file__).resolve().parents[3]
RESULTS = CHECKOUT / "docs" / "results" / "quality"
KEPT = CHECKOUT / "build" / "study"
COUNTS = (30, 100, 300, 1_000)
DRAWS, TEST_ROWS = 5, 400
LEAST_TESTED = 100
"""Fewer rows left to test on say nothing: that number of labels is left out for the source."""
RESAMPLES = 300

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Truth = npt.NDArray[np.bool_]
States = Mapping[str, npt.NDArray[np.float32]]


def main() -> int:
    """Measure and write; 0 done, 1 there are no kept scores."""
    from ..train.labels import data_folder
    from ..train.wider import read_wide
    from .few_labels_sentences import samples
    from .quality.parts import GROUPS, OURS
    from .quality.wide import INPUTS

    data = read_wide(data_folder())
    kinds = samples(data, KEPT, _say)
    facts: dict[str, Any] = {"made_by": "python -m tiny_dancer.evaluate.few_labels", "draws": DRAWS}
    facts |= {kind: {} for kind in kinds}
    for number, group in enumerate(GROUPS):
        path = KEPT / "wide" / f"{number}.npz"
        if not path.is_file():
            print(f"few_labels: no {path}; ./build.sh eval --full --part wide", file=sys.stderr)
            return 1
        with np.load(path) as file:
            rows, p, x = file["rows"].astype(np.int64), file[OURS][:, 0], file[INPUTS]
        for source in group:
            for kind, (sample, states) in kinds.items():
                inside = np.flatnonzero(data.take(rows).of_source(source) & np.isin(rows, sample))
                part = data.take(rows[inside])
                at = np.searchsorted(sample, rows[inside])
                own = {name: every[at] for name, every in states.items()}
                facts[kind][source] = source_figures(
                    part.prompts, part.right[:, 0] > 0, p[inside], x[inside], own
                )
            _say(source)
    path = RESULTS / "few-labels.json"
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return 0


def source_figures(
    prompts: tuple[str, ...],
    right: Truth,
    p: Array,
    inputs: npt.NDArray[np.float32],
    states: States,
) -> list[dict[str, Any]]:
    """Return mean figures over the draws of labels, by their number and router.

    `inputs` [n, K] are the head inputs behind p; `states` [n, D] those of encoders by the name of
    the regression on them. Rows of the ladder say how far it is from no adaptation, with intervals.
    """
    from ..adapt.stem import stem
    from .few_labels_ladder import climbed
    from .few_labels_noise import Pair, difference
    from .quality.sentences import regression

    stems = np.array([stem(x) for x in prompts], object)
    every: dict[tuple[int, str], list[dict[str, float]]] = {}
    pairs: dict[int, list[Pair]] = {}
    for seed in range(DRAWS):
        order = np.random.default_rng(seed).permutation(len(prompts))
        test = order[-min(TEST_ROWS, len(order) // 2) :]
        pool = order[~np.isin(stems[order], stems[test])]
        every.setdefault((0, "as it is"), []).append(_figures(p[test], right[test]))
        for count in COUNTS:
            if count > len(pool) or len(test) < LEAST_TESTED:
                continue
            rows = pool[:count]
            rung, own = climbed(p, inputs, right, rows, test)
            pairs.setdefault(count, []).append(Pair(test, p[test], own))
            taken = {"climbed": float(rung > 0), "heads": float(rung > 1)}
            every.setdefault((count, "adapted"), []).append(_figures(own, right[test]) | taken)
            others = {"TF-IDF + LR": _words(prompts, right, rows, test)}
            for name, x in states.items():
                others[name] = regression(x, right[:, None].astype(np.float32), rows, test)[:, 0]
            for name, q in others.items():
                every.setdefault((count, name), []).append(_figures(q, right[test]))
    found: list[dict[str, Any]] = []
    for (count, name), drawn in sorted(every.items()):
        row: dict[str, Any] = {key: float(np.mean([d[key] for d in drawn])) for key in drawn[0]}
        if name == "adapted":
            row |= difference(pairs[count], right, stems, RESAMPLES)
        found.append({"labels": count, "router": name, "draws": len(drawn)} | row)
    return found


def _words(prompts: tuple[str, ...], right: Truth, rows: Rows, test: Rows) -> Array:
    from .baselines import regressions, tfidf

    a, b = tfidf(prompts)(rows, test)
    return regressions(a, right[rows, None].astype(np.float32), b)[:, 0]


def _figures(p: Array, right: Truth) -> dict[str, float]:
    from ..calibration.probability import calibration_error
    from .few_labels_ladder import losses
    from .quality.bootstrap import ranked_auc

    return {
        "auc": ranked_auc(p, right),
        "log_loss": float(losses(p, right).mean()),
        "ece": calibration_error(p.tolist(), right.tolist()),
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tiny_dancer.evaluate.pruning`: what the shipped bundle loses with its weights.

From TINY_DANCER_DATA to docs/results/quality/pruning.json, which `./build.sh eval` draws. The
candidates' part, which pruning in steps leaves out, is left out of every row. With `--time` the
time of a decision alone is measured again, by bundles pruned at once, and needs no data.
"""

import gzip
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SHARES = (0.5, 0.8, 0.9)
ROWS = 4_000
"""Labelled prompts that the weights left are fitted to, drawn from those of the shipped bundle."""
RESAMPLES = 500
TIMED, ROUNDS = 300, 15
"""Prompts, and rounds in which each bundle decides them beside the whole one."""
RESULTS = Path(__file__).resolve().parents[3] / "docs" / "results" / "quality" / "pruning.json"

Progress = Callable[[str], None]
Array = npt.NDArray[np.float64]


def main() -> int:
    """Prune, measure and write; 0 done."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
    from ..train.labels import data_folder

    started = time.monotonic()

    def progress(line: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {line}", file=sys.stderr, flush=True)

    if "--time" in sys.argv[1:]:
        found = json.loads(RESULTS.read_text(encoding="utf-8"))
    else:
        found = study(data_folder(), progress)
    found["time"] = times()
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def study(folder: Path, progress: Progress) -> dict[str, Any]:
    """Return the figures of every bundle, and how far it is from the whole one."""
    from ..train.corpora import usable
    from ..train.everyday import corpus_rows
    from ..train.shipped import calibration_rows
    from ..train.wider import read_wide

    data, train, untouched = usable(read_wide(folder))
    held = calibration_rows(data, untouched)
    draw = np.random.default_rng(0).permutation(train)[:ROWS]
    known = data.take(np.sort(draw))
    everyday = [request.text for request in corpus_rows(held_out=False)]
    bundles = dict(_bundles(known, held, everyday, progress))
    measured = {name: _measured(bundle, held) for name, bundle in bundles.items()}
    whole = measured["whole"]
    rows = [_row(name, bundles[name], one, whole, held) for name, one in measured.items()]
    return {
        "made_by": "python -m tiny_dancer.evaluate.pruning",
        "bundle": _shipped().bundle_hash,
        "trained_on": len(known) + len(everyday),
        "held_out": len(held),
        "rows": rows,
    }


def _shipped() -> Any:
    from ..hosts.package_data import default_bundle
    from ..model import read_bundle

    return read_bundle(default_bundle() or b"")


def _bundles(
    known: Any, held: Any, everyday: list[str], progress: Progress
) -> Iterator[tuple[str, bytes]]:
    """Yield name and file: the whole one, by magnitude at once, and in steps with fitting."""
    from ..adapt import Labels
    from ..model import Model, write_bundle
    from ..model.spec import CANDIDATE_TENSORS
    from ..train.pruning import OWN, finished, probabilities, prune_network

    bundle = _shipped()
    content = bundle.with_()
    plain = write_bundle(
        {n: t for n, t in content.tensors.items() if n not in CANDIDATE_TENSORS},
        replace(content.config, candidate=None),
        content.policy,
        content.provenance,
    )
    yield "whole", plain
    quality = tuple(tuple(map(float, row)) for row in held.quality)
    n = len(held)
    labels = Labels(bundle.config.models, held.prompts, quality, ("",) * n, (1.0,) * n, "")
    prompts = [*known.prompts, *everyday]
    target = probabilities(bundle, prompts)
    target[: len(known)] = OWN * target[: len(known)] + (1 - OWN) * known.right
    for share in SHARES:
        model = Model.load(plain)
        model.prune(share)
        yield f"{share:.0%}, at once", model.to_bytes()
        progress(f"{share:.0%} in steps")
        weight = np.ones(len(prompts), np.float32)
        changed = prune_network(bundle, prompts, target, weight, share, progress)
        facts: dict[str, Any] = {"pruned": {"share": share, "from": bundle.bundle_hash}}
        yield f"{share:.0%}, in steps", finished(bundle, changed, labels, facts)


def _measured(data: bytes, held: Any) -> Any:
    from ..train.shipped import score

    return score(data, held)


def times() -> dict[str, float]:
    """Return the time of a decision by share of zeros, the whole bundle's being 1."""
    from ..hosts.package_data import default_bundle
    from ..model import Model
    from ..train.everyday import corpus_rows

    whole = default_bundle() or b""
    prompts = [request.text for request in corpus_rows(held_out=True)][:TIMED]
    found = {}
    for share in SHARES:
        model = Model.load(whole)
        model.prune(share)
        found[f"{share:.0%}"] = relative_time(model.to_bytes(), whole, prompts)
    return found


def relative_time(data: bytes, whole: bytes, prompts: Sequence[str]) -> float:
    """Return the processor time of a bundle's decisions by that of the whole one's: a median."""
    from ..hosts import open_kernel
    from ..model import read_bundle
    from ..text import cut
    from ..train.vocabulary import BACK, FRONT

    texts = [cut(prompt)[0] for prompt in prompts]
    kernels = [open_kernel(read_bundle(b), FRONT + BACK) for b in (data, whole)]

    def spent(kernel: Any) -> float:
        start = time.process_time()
        for text in texts:
            kernel.score_text(text)
        return time.process_time() - start

    ratios = []
    for k in range(ROUNDS + 1):
        order = kernels if k % 2 else kernels[::-1]
        seconds = {id(kernel): spent(kernel) for kernel in order}
        ratios.append(seconds[id(kernels[0])] / seconds[id(kernels[1])])
    return float(np.median(ratios[1:]))  # the first round warms up


def _row(name: str, data: bytes, one: Any, whole: Any, held: Any) -> dict[str, Any]:
    from ..adapt.stem import stem
    from ..calibration.curve import measure
    from ..train.agreement import agreement
    from .quality.bootstrap import interval, ranked_auc, resamples

    right, quality = held.right[:, 0], held.quality
    apgr = lambda s, r: measure(s.score[r], quality[r, 0], quality[r, -1]).apgr  # noqa: E731
    auc = lambda s, r: ranked_auc(s.probability[r, 0], right[r])  # noqa: E731
    every = np.arange(len(held))
    found: dict[str, Any] = {
        "name": name,
        "bytes": len(data),
        "gzip": len(gzip.compress(data, 9, mtime=0)),
        "auc": auc(one, every),
        "apgr": apgr(one, every),
        "everyday_auc": agreement(data)["all"]["auc"],
        "unchanged": float(np.mean((one.score <= _cut(one)) == (whole.score <= _cut(whole)))),
    }
    if one is not whole:
        draws = resamples([stem(p) for p in held.prompts], RESAMPLES)
        for figure, of in (("auc", auc), ("apgr", apgr)):
            found[f"{figure}_ahead"] = of(one, every) - of(whole, every)
            drawn: Array = np.array([of(one, r) - of(whole, r) for r in draws])
            found[f"{figure}_ahead_95"] = list(interval(drawn))
    return found


def _cut(one: Any) -> float:
    """The median score: one half light, so that decisions compare whatever the policies."""
    return float(np.median(one.score))


if __name__ == "__main__":
    sys.exit(main())

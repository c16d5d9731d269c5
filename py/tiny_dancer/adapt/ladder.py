"""The ladder: how much of a bundle's heads some outcomes may change, each rung only where it wins.

The first rung is the threshold alone, which is a policy's (`calibrate`). The second gives each head
two numbers, slope and intercept of its logit: the ranking nearly stays. The third fits the heads
anew, the old ones as prior. A rung is climbed where its loss on outcomes it was not fitted to is
lower than the rung's below by more than two standard errors.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from operator import mul
from statistics import fmean, stdev
from typing import Any, Final

from ..errors import InvalidInputError
from ..model import Bundle
from .file import write_adapted
from .heads import Head
from .labels import ANSWERS_WELL, Labels, check_ranks
from .regression import Sample, Vector, loss, scaling, sum_products
from .stem import draw

FOLDS: Final = 4
WINS: Final = 2.0
"""Standard errors: noise alone wins about once in forty tries."""
LEAST: Final = 30
"""Outcomes of different prompts that the second rung needs."""
LEAST_HEADS: Final = 200
"""And the third."""
LEAST_CALIBRATION: Final = 100
"""Outcomes from which calibration rows and policy are made anew."""
STRENGTHS: Final = (1000.0, 100.0)
"""Of the prior on what is added to a head."""


@dataclass(frozen=True)
class Rung:
    """A rung that was tried.

    Attributes:
        name: `as shipped`, `two numbers` or `heads`.
        log_loss: mean over outcomes and models, in nats, by heads fitted to others.
        margin: how much less than the rung below it loses, in standard errors.
    """

    name: str
    log_loss: float
    margin: float


@dataclass(frozen=True)
class Learned:
    """What became of the outcomes.

    Attributes:
        rung: the highest that won; `as shipped` where none did.
        tried: all that were tried, lowest first.
        n: outcomes of different prompts.
        recalibrated: True where calibration rows and the default policy are new too.
        bundle: the new file; None where the old bundle stays.
    """

    rung: str
    tried: tuple[Rung, ...]
    n: int
    recalibrated: bool
    bundle: bytes | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form without the bundle."""
        return {name: value for name, value in asdict(self).items() if name != "bundle"}


class _Fit:
    """One model's head fitted to all folds but one, and to all.

    Products of rows are summed once a fold; those of all folds but one are the whole less it.
    """

    def __init__(self, rows: list[Vector], right: Vector, parts: list[int]) -> None:
        self._rows, self._parts = rows, parts
        ones = [1.0] * len(rows)
        of_part = [
            sum_products([row for row, at in zip(rows, parts, strict=True) if at == k], ones)
            for k in range(FOLDS)
        ]
        whole = [[sum(v) for v in zip(*lines, strict=True)] for lines in zip(*of_part, strict=True)]
        self._all = Sample(rows, right, ones, whole)
        self._samples = []
        for k, part in enumerate(of_part):
            inside = [i for i, at in enumerate(parts) if at != k]
            chosen, known = [rows[i] for i in inside], [right[i] for i in inside]
            gram = [
                [a - b for a, b in zip(line, less, strict=True)]
                for line, less in zip(whole, part, strict=True)
            ]
            self._samples.append(Sample(chosen, known, ones[: len(inside)], gram))

    def hold_out(self, strength: float) -> Vector:
        """By outcome, the logit of the head that was not fitted to it."""
        fitted = [sample.fit(strength) for sample in self._samples]
        rows = zip(self._rows, self._parts, strict=True)
        return [sum(map(mul, row, fitted[part])) for row, part in rows]

    def fit_all(self, strength: float) -> Vector:
        """The coefficients by all outcomes."""
        return self._all.fit(strength)


def climb(bundle: Bundle, labels: Labels, inputs: Sequence[Sequence[float]]) -> Learned:
    """The highest rung that wins on outcomes held out, and its bundle.

    Args:
        bundle: whose heads gave the scores.
        labels: one a prompt, by a name that is the same for equal prompts; the bundle's models.
        inputs: what the heads read, one row a label.

    Raises:
        InvalidInputError: there are fewer than `LEAST` outcomes, or all models do equally well.
    """
    n = len(labels)
    if n < LEAST:
        raise InvalidInputError(f"adapt: at least {LEAST} paired outcomes are needed, got {n}")
    check_ranks(labels)
    old = _read_heads(bundle)
    order = sorted(range(n), key=lambda i: draw(labels.prompts[i], "ladder:"))
    part_of = {i: rank % FOLDS for rank, i in enumerate(order)}
    parts = [part_of[i] for i in range(n)]
    scale = scaling(inputs)
    right = [[float(q[m] >= ANSWERS_WELL) for q in labels.quality] for m in range(len(old))]
    plain = [[head.logit(x) for x in inputs] for head in old]
    tried = [Rung("as shipped", fmean(_losses(plain, right)), 0.0)]
    best, best_logits, heads = "as shipped", plain, old

    two = [
        _Fit([[z, 1.0] for z in logits], truth, parts)
        for logits, truth in zip(plain, right, strict=True)
    ]
    unseen = [fit.hold_out(0.0) for fit in two]
    margin = _margin(_losses(best_logits, right), _losses(unseen, right))
    tried.append(Rung("two numbers", fmean(_losses(unseen, right)), margin))
    if margin > WINS:
        best, best_logits = "two numbers", unseen
        heads = [_stretch(h, *fit.fit_all(0.0)) for h, fit in zip(old, two, strict=True)]

    if n >= LEAST_HEADS:
        standard = [scale.of(x) for x in inputs]
        whole = [
            _Fit([[z, 1.0, *x] for z, x in zip(zs, standard, strict=True)], truth, parts)
            for zs, truth in zip(plain, right, strict=True)
        ]
        by_strength = {s: [fit.hold_out(s) for fit in whole] for s in STRENGTHS}
        strength = min(by_strength, key=lambda s: fmean(_losses(by_strength[s], right)))
        unseen = by_strength[strength]
        margin = _margin(_losses(best_logits, right), _losses(unseen, right))
        tried.append(Rung("heads", fmean(_losses(unseen, right)), margin))
        if margin > WINS:
            best, best_logits = "heads", unseen
            heads = [
                _fold_in(h, fit.fit_all(strength), scale.mean, scale.deviation)
                for h, fit in zip(old, whole, strict=True)
            ]
    if best == "as shipped":
        return Learned(best, tuple(tried), n, False, None)
    rows = list(range(n)) if n >= LEAST_CALIBRATION else []
    logits = list(zip(*best_logits, strict=True))
    data = write_adapted(bundle, labels, heads, [logits[i] for i in rows], rows)
    return Learned(best, tuple(tried), n, bool(rows), data)


def _read_heads(bundle: Bundle) -> list[Head]:
    weights = [float(w) for w in bundle.tensors["head.weights"]]
    bias = [float(b) for b in bundle.tensors["head.bias"]]
    return [Head(weights[m :: len(bias)], b) for m, b in enumerate(bias)]


def _losses(logits: Sequence[Vector], right: Sequence[Vector]) -> Vector:
    """By outcome, over the models."""
    by_model = [
        [loss(z, y) for z, y in zip(zs, ys, strict=True)]
        for zs, ys in zip(logits, right, strict=True)
    ]
    return [fmean(row) for row in zip(*by_model, strict=True)]


def _margin(before: Vector, after: Vector) -> float:
    """How much less is lost, in standard errors over the outcomes."""
    gain = [a - b for a, b in zip(before, after, strict=True)]
    error = stdev(gain) / sqrt(len(gain))
    return fmean(gain) / error if error > 0 else 0.0


def _stretch(head: Head, slope: float, shift: float) -> Head:
    return Head([slope * w for w in head.weights], slope * head.bias + shift)


def _fold_in(head: Head, found: Vector, mean: Vector, deviation: Vector) -> Head:
    slope, shift, *d = found
    added = [v / s if s else 0.0 for v, s in zip(d, deviation, strict=True)]
    weights = [slope * w + v for w, v in zip(head.weights, added, strict=True)]
    return Head(weights, slope * head.bias + shift - sum(map(mul, added, mean)))

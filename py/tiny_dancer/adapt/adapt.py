"""A bundle adapted to one's own labels: its heads re-fitted, kept only where they win."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from statistics import fmean, stdev
from typing import Any, Final

from ..calibration.curve import curve
from ..errors import InvalidInputError
from ..hosts import open_scorer
from ..model import Bundle
from ..text import cut
from .file import write_adapted
from .heads import INNER_FOLDS, Head, Lesson, refitted, scores
from .labels import ANSWERS_WELL, Labels, check_ranks
from .regression import loss
from .stem import fold, stem

FOLDS: Final = 5
"""Every label is held out in one of them; its prediction comes from the others' heads."""
LEAST: Final = 20
"""Labels that an adaptation needs."""
LEAST_CALIBRATION: Final = 100
"""Questions from which calibration rows and policy are made anew."""
MAX_TOKENS: Final = 512

Rows = list[Sequence[float]]


@dataclass(frozen=True)
class Figures:
    """How heads do on labels they were not fitted to.

    Attributes:
        log_loss: mean, in nats.
        apgr: ranking within each fold, since each has heads of its own; None where the cheapest
            and the dearest model are equally good on the whole.
    """

    log_loss: float
    apgr: float | None


@dataclass(frozen=True)
class Adapted:
    """What became of an adaptation.

    Attributes:
        kept: whether the new heads won; else the old ones stay and there is no bundle.
        old, new: both on held-out labels.
        strengths: of the prior, one a model, as cross-validation chose them; none if not kept.
        recalibrated: whether calibration rows and policy are new too, else the old bundle's.
        bundle: the new file, or None.
    """

    kept: bool
    old: Figures
    new: Figures
    strengths: tuple[float, ...]
    recalibrated: bool
    bundle: bytes | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form without the bundle."""
        return {k: v for k, v in asdict(self).items() if k != "bundle"}


def adapt(
    bundle: Bundle, labels: Labels, progress: Callable[[str], None] = lambda line: None
) -> Adapted:
    """Re-fit the heads to the labels; the new ones are kept if they win on held-out labels.

    They win with a lower log-loss and an APGR that is not lower by more than its standard error
    over the folds; where no APGR is defined, the old ones stay. Needs nothing but the standard
    library and takes seconds for a thousand labels.

    Raises:
        InvalidInputError: the labels do not fit the bundle, are too few, or tell no model from
            another.
    """
    labels = _select(bundle, labels)
    scorer = open_scorer(bundle, MAX_TOKENS)
    found = [scorer.score_text(cut(p)[0], head_inputs=True) for p in labels.prompts]
    inputs: Rows = [score.head_inputs for score in found]
    old = _heads(bundle)
    part = [fold(p, FOLDS, "adapt:") for p in labels.prompts]
    unseen: Rows = [()] * len(labels)
    for k in range(FOLDS):
        progress(f"fold {k + 1} of {FOLDS}")
        heads, _ = _refitted(old, inputs, labels, [i for i, f in enumerate(part) if f != k])
        for i in (i for i, f in enumerate(part) if f == k):
            unseen[i] = [head.logit(inputs[i]) for head in heads]
    before, old_ranks = _figures([score.logits for score in found], labels, part, bundle.config.lam)
    after, new_ranks = _figures(unseen, labels, part, bundle.config.lam)
    loses = after.log_loss >= before.log_loss or _ranks_lower(old_ranks, new_ranks)
    if loses or after.apgr is None:
        return Adapted(False, before, after, (), False, None)
    progress("all labels")
    heads, strengths = _refitted(old, inputs, labels, range(len(labels)))
    rows = _first_of_each_stem(labels.prompts)
    if len(rows) < LEAST_CALIBRATION:
        rows = []
    data = write_adapted(bundle, labels, heads, [unseen[i] for i in rows], rows)
    return Adapted(True, before, after, strengths, bool(rows), data)


def match_models(bundle: Bundle, labels: Labels) -> Labels:
    """The labels with their models in the order of the bundle's, by name or else by position.

    Raises:
        InvalidInputError: there are more models, or fewer.
    """
    models = bundle.config.models
    if len(labels.models) != len(models):
        raise InvalidInputError(
            f"the labels have {len(labels.models)} models ({', '.join(labels.models)}), the bundle "
            f"{len(models)} ({', '.join(models)}); train makes a bundle for other models"
        )
    return labels.ordered(models) if set(labels.models) == set(models) else labels


def _select(bundle: Bundle, labels: Labels) -> Labels:
    """The labels that count, the models in the bundle's order."""
    labels = match_models(bundle, labels)
    labels = labels.take(i for i, weight in enumerate(labels.weights) if weight > 0)
    if len({stem(p) for p in labels.prompts}) < LEAST:
        raise InvalidInputError(
            f"adapt needs labels of at least {LEAST} different questions, "
            f"got {len({stem(p) for p in labels.prompts})} of a weight above 0"
        )
    check_ranks(labels)
    return labels


def _heads(bundle: Bundle) -> list[Head]:
    weights = [float(w) for w in bundle.tensors["head.weights"]]
    bias = [float(b) for b in bundle.tensors["head.bias"]]
    return [Head(weights[m :: len(bias)], b) for m, b in enumerate(bias)]


def _refitted(
    old: list[Head], inputs: Rows, labels: Labels, rows: Iterable[int]
) -> tuple[list[Head], tuple[float, ...]]:
    rows = list(rows)
    inner = [fold(labels.prompts[i], INNER_FOLDS, "strength:") for i in rows]
    weights, chosen = [labels.weights[i] for i in rows], [inputs[i] for i in rows]
    found = []
    for m, head in enumerate(old):
        right = [float(labels.quality[i][m] >= ANSWERS_WELL) for i in rows]
        found.append(refitted(head, Lesson(chosen, right, weights, inner)))
    return [head for head, _ in found], tuple(strength for _, strength in found)


def _figures(
    logits: Rows, labels: Labels, part: list[int], lam: float
) -> tuple[Figures, list[float]]:
    """The figures, and the ranking's advantage over a random order in each fold."""
    lost = [
        loss(z, float(q >= ANSWERS_WELL))
        for row, quality in zip(logits, labels.quality, strict=True)
        for z, q in zip(row, quality, strict=True)
    ]
    ranks, total = [], 0.0
    for k in sorted(set(part)):
        rows = [i for i, f in enumerate(part) if f == k]
        score = [scores(logits[i], lam)[1][0] for i in rows]
        light, powerful = ([labels.quality[i][m] for i in rows] for m in (0, -1))
        ranks.append(curve(score, light, powerful).advantage)
        total += ranks[-1] * len(rows)
    gap = sum(row[-1] - row[0] for row in labels.quality)
    return Figures(sum(lost) / len(lost), 0.5 + total / gap if abs(gap) > 1e-9 else None), ranks


def _ranks_lower(old: list[float], new: list[float]) -> bool:
    """Whether the new ranking is worse by more than the standard error over the folds."""
    change = [b - a for a, b in zip(old, new, strict=True)]
    return fmean(change) < -stdev(change) / sqrt(len(change))


def _first_of_each_stem(prompts: Sequence[str]) -> list[int]:
    first: dict[str, int] = {}
    for i, prompt in enumerate(prompts):
        first.setdefault(stem(prompt), i)
    return list(first.values())

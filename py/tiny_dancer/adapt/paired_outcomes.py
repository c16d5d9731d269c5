"""Labels as paired outcomes: every prompt scored by a bundle, beside the quality of each model."""

from collections.abc import Mapping

from ..calibration.paired_outcome import PairedOutcome
from ..errors import InvalidInputError
from ..hosts import open_scorer
from ..model import Bundle
from ..text import cut
from .adapt import MAX_TOKENS, match_models
from .labels import Labels


def score_labels(
    bundle: Bundle, labels: Labels, prices: Mapping[str, float] | None = None
) -> list[PairedOutcome]:
    """The labels of a weight above 0 as the bundle scores them; equal prompts have the same name.

    Args:
        bundle: what scores.
        labels: of as many models.
        prices: money for one answer by model; None where costs do not matter.

    Raises:
        InvalidInputError: the labels are of other models, or a price is missing.
    """
    labels = match_models(bundle, labels)
    labels = labels.take(i for i, weight in enumerate(labels.weights) if weight > 0)
    if missing := [name for name in labels.models if prices is not None and name not in prices]:
        raise InvalidInputError(f"the price table has no {missing[0]!r}")
    cost = tuple(prices[name] for name in labels.models) if prices is not None else ()
    scorer = open_scorer(bundle, MAX_TOKENS)
    return [
        PairedOutcome(tuple(scorer.score_text(cut(prompt)[0]).scores[:-1]), quality, cost, prompt)
        for prompt, quality in zip(labels.prompts, labels.quality, strict=True)
    ]

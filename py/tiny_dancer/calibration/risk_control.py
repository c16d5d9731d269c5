"""Conformal risk control: a rate bounded in expectation (arXiv 2208.02814, theorem 1)."""

from collections.abc import Sequence

from .margin import Margins
from .sequence import LOWEST, choose_at, events_of


def control_risk(
    scores: Sequence[Sequence[float]], margins: Margins, alpha: float
) -> tuple[float | None, float | None, int]:
    """The last score at which (losses + 1) / (counted + 1) ≤ alpha, and the next one.

    For rates of two models that rise with the threshold, with losses of at most 1. None for the
    first where no score will do, for the second where every one does. The third is how many more
    counted prompts it takes for the first score, if none of them loses anything.
    """
    choice = choose_at(scores, LOWEST)
    counted = sum(margins.counted[i][m] for i, m in enumerate(choice))
    loss = 0.0
    reached: float | None = None
    events = events_of(scores)
    for at, (score, i, old, new) in enumerate(events, 1):
        loss += margins.loss[i][new] - margins.loss[i][old]
        if at < len(events) and events[at][0] == score:
            continue
        if loss + 1 > alpha * (counted + 1):
            short = (loss + 1) / alpha - counted - 1 if alpha else float("inf")
            return reached, score, max(1, -int(-short // 1)) if short < 1e18 else 0
        reached = score
    return reached, None, 0

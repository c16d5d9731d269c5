"""What one request has cost: the tries that failed and the one that answered."""

from ...history import OutcomeFields
from ...history.records.outcome import MAX_MONEY, MAX_TOKENS
from ..config.upstream import Upstream
from ..upstream.usage import Usage


class Bill:
    """Adds up the calls of a request.

    Attributes:
        answer: tokens of the call that answered; None where it did not say, or nobody answered.
    """

    def __init__(self) -> None:
        self.answer: Usage | None = None
        self._calls: list[tuple[Upstream, Usage]] = []

    def add_failure(self, upstream: Upstream, usage: Usage | None) -> None:
        """Put a call on it that came to nothing, where it says that it used tokens all the same."""
        if usage is not None:
            self._calls.append((upstream, usage))

    def add_answer(self, upstream: Upstream, usage: Usage | None) -> None:
        """Put the call on it that answered."""
        self.answer = usage
        self.add_failure(upstream, usage)

    @property
    def is_empty(self) -> bool:
        """True where no call is on it."""
        return not self._calls

    @property
    def cost(self) -> float | None:
        """Money of all calls, as far as it is known; None where it is known of none."""
        known = [cost for one in self._calls if (cost := find_cost(*one)) is not None]
        return min(sum(known), MAX_MONEY) if known else None

    def build_outcome(self, powerful: Upstream, asked: Upstream) -> OutcomeFields:
        """What is kept of it: what was paid, and what the answer would have cost elsewhere.

        The tokens of the answer are taken to be the same elsewhere. Where nobody answered, nothing
        is known of elsewhere.

        Args:
            powerful: who answers where nothing is routed.
            asked: whom the client asked for.
        """
        return {
            "cost": self.cost,
            "cost_powerful": find_cost(powerful, self.answer),
            "cost_asked": find_cost(asked, self.answer),
            "tokens_in": self._add_tokens([usage.tokens_in for _, usage in self._calls]),
            "tokens_out": self._add_tokens([usage.tokens_out for _, usage in self._calls]),
        }

    def _add_tokens(self, counts: list[int]) -> int | None:
        return min(sum(counts), MAX_TOKENS) if counts else None


def find_cost(upstream: Upstream, usage: Usage | None) -> float | None:
    """Money that these tokens cost at an upstream; None where it is not known."""
    if usage is None or upstream.price is None:
        return None
    return min(upstream.price.cost(*usage), MAX_MONEY)

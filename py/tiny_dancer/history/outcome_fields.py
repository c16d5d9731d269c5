"""What may be known of a call beside its decision: arguments of `Router.record_outcome`."""

from typing import TypedDict


class OutcomeFields(TypedDict, total=False):
    """What may be known of the call that a decision led to.

    Attributes:
        cost: money, in the currency of the prices.
        cost_powerful: what the powerful model would have cost; the difference is money saved.
        cost_asked: the same of the model that the client asked for.
        tokens_in: tokens of the prompt, as the upstream counts them.
        tokens_out: tokens of the answer.
        latency_ms: milliseconds it took.
        shadow_cost: money that the answer of the other model cost, asked for comparison alone.
        judge_cost: money that grading the two cost.
        graded_by: where the scores come from: `people`, a check, a judge, or `ungraded`.
    """

    cost: float | None
    cost_powerful: float | None
    cost_asked: float | None
    tokens_in: int | None
    tokens_out: int | None
    latency_ms: float | None
    shadow_cost: float | None
    judge_cost: float | None
    graded_by: str | None

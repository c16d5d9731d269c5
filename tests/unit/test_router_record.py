"""The two halves of a decision: numbers that leave no trace, and keeping what was chosen."""

import asyncio

import pytest

from tiny_dancer import InvalidInputError, Reason, Router
from tiny_dancer.breaker.state import Mode
from tiny_dancer.config import BreakerConfig, RouterConfig
from tiny_dancer.policy import Choice, decide

PROMPT = "What is the capital of France?"


def test_what_was_chosen_is_what_is_counted() -> None:
    router = Router()
    response = router.record(router.score("What is 2 + 2?"), Choice("powerful", Reason.STICKY))
    assert (response.model, response.reason) == ("powerful", "sticky")
    assert not response.use_lightweight
    assert router.metrics().decisions == {("powerful", "sticky"): 1}


def test_scoring_counts_nothing_and_asks_no_breaker() -> None:
    router = Router(RouterConfig(breaker=BreakerConfig(consecutive_failures=1)))
    scored = router.score(PROMPT)
    chosen = decide(scored, scored.rule)
    router.report(chosen.model, ok=False)
    assert router.route(PROMPT).model != chosen.model
    again = router.score(PROMPT)
    assert decide(again, again.rule) == chosen
    assert router.metrics().total == 1


def test_both_halves_are_the_whole() -> None:
    router = Router()
    scored = router.score(PROMPT)
    halves = router.record(scored, decide(scored, scored.rule)).to_dict()
    whole = router.route(PROMPT).to_dict()
    for plain in (halves, whole):
        del plain["decision_id"], plain["inference_time_us"]
    assert halves == whole


async def force(router: Router, mode: Mode | None) -> None:
    await router.force_breaker("light", mode)


def test_a_breaker_is_held_open_until_it_is_set_free() -> None:
    router = Router()
    asyncio.run(force(router, Mode.FORCED_OPEN))
    assert router.circuit_breaker_status("light") is False
    assert router.retry_after_s("light") is None
    asyncio.run(force(router, None))
    assert router.circuit_breaker_status("light") is True


@pytest.mark.parametrize("scores", [5, "light", [0.5], {"light"}, object()])
def test_scores_that_are_no_mapping_are_refused_by_name(scores: object) -> None:
    with pytest.raises(InvalidInputError, match="scores: a mapping of models' names to qualities"):
        Router().record_outcome("d-1", scores=scores)  # type: ignore[arg-type]

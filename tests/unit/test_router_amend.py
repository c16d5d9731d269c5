"""A caller that knows more than a prompt amends a decision, or asks without leaving a trace."""

import asyncio

from tiny_dancer import Reason, Router, RoutingResponse
from tiny_dancer.breaker.state import Mode
from tiny_dancer.config import BreakerConfig, RouterConfig


def to_powerful(response: RoutingResponse) -> None:
    response.model, response.reason, response.use_lightweight = "powerful", Reason.STICKY, False


def test_what_was_amended_is_what_is_counted() -> None:
    router = Router()
    response = router.route("What is 2 + 2?", amend=to_powerful)
    assert (response.model, response.reason) == ("powerful", "sticky")
    assert router.metrics().decisions == {("powerful", "sticky"): 1}


def test_without_record_nothing_is_counted_and_no_breaker_is_asked() -> None:
    router = Router(RouterConfig(breaker=BreakerConfig(consecutive_failures=1)))
    prompt = "What is the capital of France?"
    model = router.route(prompt, record=False).model
    router.report(model, ok=False)
    assert router.route(prompt).model != model
    assert router.route(prompt, record=False).model == model
    assert router.metrics().total == 1


async def force(router: Router, mode: Mode | None) -> None:
    await router.force_breaker("light", mode)


def test_a_breaker_is_held_open_until_it_is_set_free() -> None:
    router = Router()
    asyncio.run(force(router, Mode.FORCED_OPEN))
    assert router.circuit_breaker_status("light") is False
    assert router.retry_after_s("light") is None
    asyncio.run(force(router, None))
    assert router.circuit_breaker_status("light") is True

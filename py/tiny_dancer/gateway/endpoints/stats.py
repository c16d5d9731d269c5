"""GET /v1/stats: totals of the store; of one's own decisions, or for an admin of all."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..http.keys import is_admin
from ..http.request import Request
from ..http.response import Response, json_response

if TYPE_CHECKING:
    from ..gateway import Gateway


async def get_stats(gateway: "Gateway", request: Request) -> Response:
    """Totals of the store, which all processes share, and the breakers as this one sees them.

    A caller gets those of the decisions made for its key; an admin, and everybody where no key is
    asked for, those of all, with how often each model was marked and did well. On CPython a thread
    writes to the store, so the last fifth of a second may be missing.
    """
    await gateway.router.drain()
    config = gateway.config
    sees_all = config.anonymous or is_admin(request.headers, config)
    totals = await gateway.store.statistics(None if sees_all else request.caller)
    breakers = gateway.router.metrics().breakers
    answer: dict[str, Any] = {"lightweight_share": totals.lightweight_share, **asdict(totals)}
    if not sees_all:  # marks are counted for all keys together, models that only a mark names too
        for model in answer["models"]:
            del model["scored"], model["successes"]
    answer["breakers"] = {
        one.name: str(breakers.get(one.breaker, "closed")) for one in config.upstreams
    }
    bundle = gateway.router.bundle
    answer["bundle_hash"] = bundle.bundle_hash if bundle is not None else None
    key = config.find_key(request.caller)
    if not sees_all and key is not None and key.money_a_day is not None:
        spent = await gateway.allowances.find_spent(key)
        answer["today"] = {"spent": spent, "money_a_day": key.money_a_day}
    if sees_all and (day := gateway.shadow.day) is not None:
        answer["shadow"] = asdict(day)
    return json_response(answer)

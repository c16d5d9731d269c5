"""Breakers, outcomes and counters."""

import json
from dataclasses import asdict
from typing import Any

from tiny_dancer.breaker.lease import Lease
from tiny_dancer.history.readings.as_json import metrics_json

from .replies import encode, encode_awaited
from .routers import get_router


def report(number: int, model: str, fields: str) -> str:
    """Tell what happened to a call."""

    def work() -> None:
        arguments = json.loads(fields)
        if arguments.get("lease") is not None:
            arguments["lease"] = Lease(**arguments["lease"])
        get_router(number).report(model, **arguments)

    return encode(work)


async def lease(number: int, model: str) -> str:
    """A lease for one probe of a half-open model, or null."""

    async def work() -> dict[str, Any] | None:
        granted = await get_router(number).lease(model)
        return asdict(granted) if granted is not None else None

    return await encode_awaited(work())


def circuit_breaker_status(number: int, model: str) -> str:
    """True healthy, False open or half-open, null where breakers are off."""
    return encode(lambda: get_router(number).circuit_breaker_status(model))


def retry_after_s(number: int, models: str) -> str:
    """Seconds until the first of the models may be probed, or null."""
    return encode(lambda: get_router(number).retry_after_s(*json.loads(models)))


def record_outcome(number: int, decision_id: str, fields: str) -> str:
    """Queue how a decision turned out."""
    return encode(lambda: get_router(number).record_outcome(decision_id, **json.loads(fields)))


def metrics(number: int) -> str:
    """Counters since the router was made."""
    return encode(lambda: metrics_json(get_router(number).metrics()))

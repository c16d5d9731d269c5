"""Certificates, the alarm, learning, explanations and reports."""

import json
import time
from typing import Any

from tiny_dancer.policy import Policy, Target

from .replies import encode, encode_awaited
from .routers import get_drained_store, get_router


async def calibrate(number: int, measure: str, value: float, options: str) -> str:
    """A certified policy from the stored outcomes, in service unless `apply` is false."""

    async def work() -> dict[str, Any]:
        target = Target(measure, value)
        policy = await get_router(number).calibrate(target, **json.loads(options))
        return {"id": policy.id, **policy.to_dict()}

    return await encode_awaited(work())


async def adapt(number: int, options: str) -> str:
    """The ladder's figures; the bundle of the rung that won is in service."""

    async def work() -> dict[str, Any]:
        router = get_router(number)
        learned = await router.adapt(**json.loads(options))
        loaded = router.bundle
        return {**learned.to_dict(), "bundle_hash": loaded.bundle_hash if loaded else None}

    return await encode_awaited(work())


def drift(number: int) -> str:
    """The monitors of the certified policy in service, or null."""

    def work() -> dict[str, Any] | None:
        found = get_router(number).drift()
        return found.to_dict() if found is not None else None

    return encode(work)


async def acknowledge_drift(number: int) -> str:
    """End an alarm; the monitors, or null."""

    async def work() -> dict[str, Any] | None:
        found = await get_router(number).acknowledge_drift()
        return found.to_dict() if found is not None else None

    return await encode_awaited(work())


def explain(number: int, prompt: str) -> str:
    """What moves the decision on a prompt."""
    return encode(lambda: get_router(number).explain(prompt).to_dict())


async def make_report(number: int) -> str:
    """Is it safe to switch on, from the stored history."""
    from tiny_dancer.report.report import make_report

    async def work() -> dict[str, Any]:
        store = await get_drained_store(number)
        bundle = get_router(number)._service.get_loaded().bundle
        return (await make_report(store, bundle, time.time())).to_dict()

    return await encode_awaited(work())


async def replay(number: int, policy: str) -> str:
    """What another policy would have done with the stored decisions."""
    from tiny_dancer.report.replay import replay

    async def work() -> dict[str, Any]:
        store = await get_drained_store(number)
        bundle = get_router(number)._service.get_loaded().bundle
        return (await replay(store, bundle, Policy.from_json(policy))).to_dict()

    return await encode_awaited(work())

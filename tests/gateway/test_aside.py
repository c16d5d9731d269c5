"""What computes for seconds holds up no request."""

import asyncio
import json
import threading
from importlib import import_module

import pytest
from gateway.test_reload import BOSS, USER, opened, post
from patience import PATIENCE_S
from random_bundle import random_bundle

from tiny_dancer.gateway import Request

COMPUTED = {
    "report": ("GET", "/v1/report", USER, {}, "report.report.report_on", 200),
    "calibrate": (
        "POST",
        "/admin/calibrate",
        BOSS,
        {"quality": 0.95},
        "calibration.calibrate.calibrate",
        409,
    ),
    "adapt": ("POST", "/admin/adapt", BOSS, {}, "adapter.climb", 400),
}
"""What is asked, where it computes, and the status with no outcome in the store."""


@pytest.mark.parametrize("name", list(COMPUTED))
def test_requests_are_answered_while_it_computes_and_one_goes_at_a_time(name, monkeypatch):
    method, path, headers, body, place, status = COMPUTED[name]
    module, _, function = f"tiny_dancer.{place}".rpartition(".")
    computes = getattr(import_module(module), function)
    passes, begun = threading.Event(), threading.Event()

    def compute(*args, **more):
        begun.set()
        assert passes.wait(PATIENCE_S)
        return computes(*args, **more)

    monkeypatch.setattr(f"{module}.{function}", compute)

    async def run():
        ready = threading.Event()
        ready.set()
        gateway = opened(random_bundle(1), ready)
        await gateway.start()

        async def ask():
            data = json.dumps(body).encode() if method == "POST" else b""
            return await gateway.handle(Request(method, path, headers, data))

        asking = asyncio.ensure_future(ask())
        assert await asyncio.to_thread(begun.wait, PATIENCE_S)
        answer = await post(gateway, "/v1/route", {"prompt": "the city"})
        assert answer.status == 200 and not asking.done()
        second = await ask()
        assert (second.status, second.headers["retry-after"]) == (409, "1")
        assert f"Another {name}" in json.loads(second.body)["error"]["message"]
        passes.set()
        assert (await asyncio.wait_for(asking, PATIENCE_S)).status == status
        assert (await asyncio.wait_for(ask(), PATIENCE_S)).status == status
        await gateway.router.aclose()

    asyncio.run(run())

"""The whole way in one process: a real gateway, router and store; the upstreams are functions."""

import asyncio
import json
import random
from dataclasses import dataclass, field
from typing import Any

from whole_way.steps import DELTA, SHARE, TARGET, ask_for, build_config, complete
from whole_way.world import Prompt, World, find_attainable_share, find_true_quality

from tiny_dancer import Router
from tiny_dancer.errors import NotEnoughData
from tiny_dancer.gateway import Gateway, Request
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.history import MemoryStore
from tiny_dancer.policy import Target
from tiny_dancer.report.report import Report, make_report

HEADERS = {"content-type": "application/json"}
URLS = {name: f"http://{name}.example/v1" for name in ("light", "powerful", "judge")}
SECONDS_A_REQUEST = 2.0


@dataclass
class Answer:
    """A whole answer."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))

    async def pieces(self):
        yield self.body

    async def aclose(self):
        pass


class Way:
    """One gateway before the upstreams of a world, at a clock of its own.

    Attributes:
        world: answers and bills.
        served: by reason and upstream, how many answers the client got.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = 1_700_000_000.0
        self.store = MemoryStore()
        self.store._key = random.Random(world.seed).randbytes(32)  # which prompts are drawn
        config = read_config(build_config(URLS, "observe"), {}.get)
        self.router = Router(config.router, store=self.store, clock=lambda: self.now)
        self.gateway = Gateway(
            config,
            self.router,
            self.store,
            self._fetch,
            now=lambda: self.now,
            log=lambda line: None,
        )
        self.served: dict[tuple[str, str], int] = {}

    async def _fetch(self, call: Any) -> Answer:
        name = call.url.partition("//")[2].partition(".")[0]
        return Answer(json.dumps(complete(self.world, name, json.loads(call.body))).encode())

    async def start(self) -> None:
        """Before the first request."""
        await self.gateway.start()

    async def ask(self, prompt: Prompt) -> dict[str, str]:
        """One request, and what comes after its answer; the headers."""
        self.now += SECONDS_A_REQUEST
        body = json.dumps(ask_for(prompt)).encode()
        path = "/v1/chat/completions"
        response = await self.gateway.handle(Request("POST", path, HEADERS, body))
        assert response.status == 200, response.body
        await self.gateway.after_answer()
        await self.gateway.complete_pairs()
        said = {n.removeprefix("x-tiny-dancer-"): v for n, v in response.headers.items()}
        key = said["reason"], said["served-by"]
        self.served[key] = self.served.get(key, 0) + 1
        return said

    async def ask_many(self, prompts: list[Prompt]) -> None:
        """Requests one after the other."""
        for prompt in prompts:
            await self.ask(prompt)

    async def settle(self) -> None:
        """Write what waits, and look at what the monitors and policies say."""
        await self.router.flush()
        self.now += 6.0
        await self.router.refresh()

    async def report(self) -> Report:
        """As `GET /v1/report` makes it."""
        await self.router.flush()
        assert self.router.bundle is not None
        return await make_report(self.store, self.router.bundle, self.now)

    def switch_on(self) -> None:
        """Mode `on`, as a reload of the config does it."""
        self.gateway.take_config(read_config(build_config(URLS, "on"), {}.get))


async def go(seed: int, requests: int, more: int, worse: int) -> dict[str, Any]:
    """What came of one whole way.

    Args:
        seed: of the world.
        requests: observed.
        more: sent after the router was switched on.
        worse: sent after the light model got worse; 0 leaves that out.
    """
    world = World(seed)
    way = Way(world)
    found: dict[str, Any] = {"seed": seed, "attainable": find_attainable_share(world, TARGET)}
    try:
        await way.start()
        await way.ask_many(world.choose_requests(requests, "observe"))
        first = await way.report()
        found |= {"pairs": len(first.evidence.pairs), "verdict": first.verdict}
        assert way.served == {("observe", "powerful"): requests}
        assert abs(len(first.evidence.pairs) / requests - SHARE) < 0.05
        found["money_differs_by"] = _compare_money(world, first)
        try:
            policy = await way.router.calibrate(Target("quality_kept", TARGET), delta=DELTA)
        except NotEnoughData as error:
            return {**found, "refused": str(error)}
        quality, share = find_true_quality(world, policy)
        found |= {"true_quality": quality, "light_share": share, "threshold": policy.threshold}
        way.switch_on()
        await way.settle()
        await way.ask_many(world.choose_requests(more, "on"))
        second = await way.report()
        light = sum(n for (_, name), n in way.served.items() if name == "light")
        found["served_light"] = light / max(1, more)
        found["net_saving"] = second.evidence.money.net
        found["money_differs_by"] = _compare_money(world, second)
        found["false_alarm"] = second.drift == "alarm"
        if worse:
            found |= await _get_worse(way, worse)
    finally:
        await way.router.aclose()
    return found


async def _get_worse(way: Way, most: int) -> dict[str, Any]:
    """The light model hardly answers rightly any more: requests until everything is powerful."""
    way.world.light_factor = 0.05
    for n, prompt in enumerate(way.world.choose_requests(most, "worse"), 1):
        said = await way.ask(prompt)
        if n % 10 == 0:  # views are looked at every 5 s, and a writer's thread has its own clock
            await way.settle()
        if said["reason"] == "drift_alarm":
            assert said["served-by"] == "powerful"
            report = await way.report()
            return {"alarm_after": n, "alarm_verdict": report.verdict}
    return {"alarm_after": None}


def _compare_money(world: World, report: Report) -> float:
    """What the report says was paid, less what the upstreams billed."""
    money = report.evidence.money
    return money.cost + money.shadow + money.judge - sum(world.spent.values()) / 1e9


def run_way(seed: int, requests: int = 3_000, more: int = 3_000, worse: int = 0) -> dict[str, Any]:
    """The same without an event loop."""
    return asyncio.run(go(seed, requests, more, worse))

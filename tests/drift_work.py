"""A router under traffic whose light model can get worse."""

import asyncio
import random

from random_bundle import random_bundle

from tiny_dancer import Router
from tiny_dancer.config import HistoryConfig, RouterConfig
from tiny_dancer.policy import Target

CONFIG = RouterConfig(history=HistoryConfig(flush_s=3_600))
KEEP = Target("quality_kept", 0.9)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class Work:
    """A router and its traffic."""

    def __init__(self, store, clock, config=CONFIG, model=None) -> None:
        model = model or random_bundle(3)
        self.store, self.router = store, Router(config, model=model, store=store, clock=clock)
        self.clock, self.draw, self.n = clock, random.Random(1), 0

    def observe(self, many: int, light: float) -> None:
        """Prompts that nobody asked before; cost first, both marks later, as a judge does."""
        for _ in range(many):
            self.n += 1
            name = self.router.route(f"question {self.n} about {'a' * (self.n % 7)}").decision_id
            right = float(self.draw.random() < light)
            self.router.record_outcome(name, cost=0.001)
            self.router.record_outcome(name, light_score=right, powerful_score=1.0)

    def look(self) -> None:
        """Write, and read on for the monitors."""
        asyncio.run(self.router.flush())
        self.clock.now += 60
        asyncio.run(self.router.refresh())

    def certify(self) -> None:
        self.observe(400, 0.97)
        asyncio.run(self.router.calibrate(KEEP))

    def break_light(self) -> None:
        for _ in range(20):
            self.observe(100, 0.2)
            self.look()
            if self.router.drift().state == "alarm":
                return
        raise AssertionError("no alarm")

"""What every endpoint works with."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ..history import HistoryStore
from ..model import Bundle
from ..policy.preference import POWERFUL
from ..router import Router
from ..service import Reloaded
from .config.settings import GatewayConfig
from .counts import Counts
from .generations import Generations
from .routing.fleet import Fleet
from .routing.floors import Floors
from .routing.model_name import Policies
from .upstream.fetch import Fetch
from .upstream.retry import Forwarder


@dataclass(slots=True)
class Context:
    """The parts of a gateway.

    Attributes:
        config: the settings.
        router: decides and remembers.
        store: where the router's history goes.
        fetch: reaches an upstream.
        now: seconds since 1970.
        sleep: waits so many seconds.
        reload: puts the bundle into service anew; None where a new bundle is a new deployment.
        candidate_changes: how often this process changed the stored candidates.
        fleet: the upstreams in the order of the bundle's models.
    """

    config: GatewayConfig
    router: Router
    store: HistoryStore
    fetch: Fetch
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    reload: Callable[[], Reloaded] | None = None
    counts: Counts = field(default_factory=Counts)
    generations: Generations = field(default_factory=Generations)
    candidate_changes: int = 0
    policies: Policies = field(init=False)
    floors: Floors = field(init=False)
    forwarder: Forwarder = field(init=False)
    fleet: Fleet = field(init=False)

    def __post_init__(self) -> None:
        """Arrange the upstreams."""
        limits = self.config.limits
        self.policies = Policies(self.config.policy.quality)
        self.policies.default(self.router.bundle)
        self.floors = Floors(limits.conversations)
        self.forwarder = Forwarder(self.router, limits, self.now, self.sleep, self.counts)
        self.fleet = Fleet.of(self.config, models_of(self.router.bundle))


def models_of(bundle: Bundle | None) -> tuple[str, ...]:
    """Names of a bundle's models, cheapest first."""
    return bundle.config.models if bundle is not None else (POWERFUL,)

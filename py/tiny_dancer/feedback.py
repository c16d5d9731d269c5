"""What a router is told after a decision, what it makes of it, and how that is written down."""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from .breaker.choice import by_breakers
from .breaker.events import Report
from .breaker.lease import Lease
from .breaker.state import Mode
from .config import RouterConfig
from .errors import InvalidInputError
from .history import HistoryStore, Outcome
from .history.readings.metrics import RoutingMetrics
from .history.recorder import Recorder
from .response import Reason, RoutingResponse

LIGHT, POWERFUL = "light", "powerful"
"""Names that every bundle answers to: its cheapest model and its dearest one."""


class Feedback:
    """The part of a router that looks back. Breakers work without a store, in this process alone.

    Args:
        config: the router's settings.
        store: where history goes, closed with the router; None keeps counters only.
        clock: seconds since 1970.
    """

    def __init__(
        self, config: RouterConfig, store: HistoryStore | None, clock: Callable[[], float]
    ) -> None:
        if store is not None and not hasattr(store, "record_routings"):
            raise InvalidInputError(
                f"store: a HistoryStore is needed, such as SQLiteStore(path), got {store!r:.40}"
            )
        self._clock = clock
        breaker = config.breaker if config.enable_circuit_breaker else None
        self._history = Recorder(store, config.history, breaker, clock)
        self._history.start()

    def _models(self) -> Sequence[str]:
        """Names of the models in service, cheapest first."""
        raise NotImplementedError

    # ------------------------------------------------------------ memory only

    def report(
        self,
        model: str,
        *,
        ok: bool,
        latency_ms: float | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        lease: Lease | None = None,
    ) -> None:
        """Tell what became of a call to a model; feeds its circuit breaker.

        Args:
            model: its name, or `light` or `powerful`.
            ok: True where it answered.
            latency_ms: milliseconds the call took.
            status: HTTP status; a 4xx other than 408 and 429 is the caller's fault, not counted.
            retry_after: seconds the upstream asked to wait.
            lease: the one that the call was made under.

        Raises:
            InvalidInputError: a value has the wrong type or range.
        """
        report = Report(ok, latency_ms, status, retry_after, lease.id if lease else None)
        self._history.report(self._name(model), report)

    def circuit_breaker_status(self, model: str = LIGHT) -> bool | None:
        """True healthy, False while open or half-open, None where breakers are off."""
        return self._history.is_healthy(self._name(model))

    def record_outcome(
        self,
        decision_id: str,
        *,
        light_score: float | None = None,
        powerful_score: float | None = None,
        scores: Mapping[str, float] | None = None,
        model: str | None = None,
        cost: float | None = None,
        tokens_in: int | None = None,
        tokens_out: int | None = None,
        latency_ms: float | None = None,
    ) -> None:
        """Queue what became of a decision; a later outcome adds to an earlier one.

        Args:
            decision_id: the response's.
            light_score: quality in [0, 1] of the cheapest model's answer.
            powerful_score: the same of the dearest model's.
            scores: the same by name, for bundles with more models.
            model: who answered; with `HistoryConfig.prices` the cost follows from the tokens.
            cost: what the call cost, in the currency of the prices.
            tokens_in: tokens of the prompt, as the upstream counts them.
            tokens_out: tokens of the answer.
            latency_ms: milliseconds the call took.

        Raises:
            InvalidInputError: a value has the wrong type or range.
            StoreFullError: outcomes alone fill the queue.
        """
        powerful = self._name(POWERFUL)
        known = {self._name(name): score for name, score in (scores or {}).items()}
        if light_score is not None:
            known[self._name(LIGHT)] = light_score
        if powerful_score is not None:
            known[powerful] = powerful_score
        outcome = Outcome(
            decision_id=decision_id,
            at=self._clock(),
            scores=known,
            cost=cost,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            latency_ms=latency_ms,
        )
        answered = None if model is None else self._name(model)
        self._history.record_outcome(outcome, model=answered, powerful=powerful)

    def metrics(self) -> RoutingMetrics:
        """Totals, latency quantiles, breakers and money since this router began."""
        return self._history.metrics()

    def retry_after_s(self, *models: str) -> float | None:
        """Seconds until the first of these models may be probed; None where nobody can tell."""
        return self._history.retry_after_s([self._name(model) for model in models])

    # ------------------------------------------------------------ with the store

    async def force_breaker(self, model: str, mode: Mode | None) -> None:
        """Hold a model's breaker `forced_open` or `forced_closed`, or set it free with None.

        Raises:
            StoreError: it could not be stored, and nothing is changed.
        """
        await self._history.force(self._name(model), mode)

    async def lease(self, model: str) -> Lease | None:
        """A lease for one probe of a half-open model; None where none is to be had or needed."""
        return await self._history.lease(self._name(model))

    async def refresh(self) -> None:
        """Look at the shared states; a store that fails is no reason not to decide."""
        await self._history.refresh()

    async def drain(self) -> None:
        """Write what waits, after an answer, where no thread does: in a tab and on the edge."""
        await self._history.drain()

    async def flush(self) -> None:
        """Write everything; when it returns, all that was queued before is stored.

        Raises:
            StoreError: it is not; what could not be written waits.
        """
        await self._history.flush()

    def expire(self) -> None:
        """Another tab or process changed the store: look again at the next chance."""
        self._history.expire()

    async def delete_all(self) -> None:
        """Delete the history: what waits, all that is stored, shared states included.

        Raises:
            StoreError: it failed; what is stored stays.
        """
        await self._history.clear()

    async def aclose(self) -> None:
        """Write everything and close the store.

        Raises:
            StoreError: not everything could be written; the store is closed all the same.
        """
        await self._history.aclose()

    def close(self) -> None:
        """The same as `aclose` without an event loop, on CPython."""
        self._history.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # ------------------------------------------------------------ for the router

    def _avoid_open(
        self, response: RoutingResponse, models: Sequence[str], lease: Lease | None
    ) -> None:
        """Send the request elsewhere where the breaker of the chosen model is not closed.

        `models` are those it was decided among: a reload may have brought others since.
        """
        choice = models.index(response.model)
        healthy = self._history.check_health(models, lease)
        choice, response.reason = by_breakers(choice, response.reason, healthy)
        response.model = models[choice]
        response.use_lightweight = choice < len(models) - 1
        if response.reason is Reason.BOTH_BREAKERS_OPEN:
            response.retry_after_s = self._history.retry_after_s(models)

    def _name(self, model: str) -> str:
        """The model's own name, where it was called by one of the two that every bundle has."""
        models = self._models()
        if model in models:
            return model
        return {LIGHT: models[0], POWERFUL: models[-1]}.get(model, model)

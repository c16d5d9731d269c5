"""Router: the one object a user holds."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, Unpack

from .breaker import CallFields, Lease, Mode, Report
from .candidates.candidate import Candidate
from .config import RouterConfig
from .config.router import check_config
from .history import OutcomeFields, RoutingMetrics
from .history.recorder import Recorder
from .hosts import OpenScorer, compile_ahead, open_scorer
from .loaded_bundle import Reloaded
from .model import Bundle
from .policy import LIGHT, POWERFUL, Choice, Policy, decide
from .preparation import prepare_candidates, prepare_model
from .request import Candidates, RoutingRequest
from .response import Reason, RoutingResponse
from .score import Scored
from .service import Service, Source
from .stamp import Stamp
from .trust import Trust
from .uncopyable import Uncopyable

if TYPE_CHECKING:
    from .history import HistoryStore


class Router(Trust, Uncopyable):
    """Decides for a prompt whether the cheap model is good enough, and which candidate fits best.

    Args:
        config: settings; `RouterConfig()` where left out.
        model: bundle to use, a path or its bytes; the shipped one where left out.
        store: where history goes, closed with the router; counters in memory where left out.
        policy: the rule to decide by; else the stored one for this bundle, else the bundle's own.
        clock: seconds since 1970, for the age of candidates, breakers and records.
        scorer: opens what does the number work (`tiny_dancer.hosts` has kernel and twin).

    Raises:
        BundleError: the bundle is not valid.
        InvalidInputError: an argument has the wrong type, or both a policy and a gate were set.
    """

    def __init__(
        self,
        config: RouterConfig | None = None,
        *,
        model: Source | None = None,
        store: "HistoryStore | None" = None,
        policy: Policy | None = None,
        clock: Callable[[], float] = time.time,
        scorer: OpenScorer = open_scorer,
    ) -> None:
        config = check_config(RouterConfig() if config is None else config)
        breaker = config.breaker if config.enable_circuit_breaker else None
        history = self._history = Recorder(store, config.history, breaker, clock)
        views = history.views if store is not None else None
        self._service = Service(config, model, policy, clock, scorer, views, history.keeps_inputs)
        self._stamp = Stamp()
        history.start()

    @classmethod
    async def load(cls, config: RouterConfig | None = None, **options: Any) -> Self:
        """The same as the constructor, for callers that must not block: a browser's main thread."""
        await compile_ahead()
        router = cls(config, **options)
        await router.refresh()
        return router

    @property
    def bundle(self) -> Bundle | None:
        """The loaded bundle, or None."""
        return loaded.bundle if (loaded := self._service.loaded) else None

    @property
    def scorer(self) -> str | None:
        """What does the number work: `kernel`, or `twin` where no WebAssembly host runs."""
        return loaded.scorer.kind if (loaded := self._service.loaded) else None

    def route(
        self,
        request: str | RoutingRequest | Any,
        *,
        candidates: Candidates | None = None,
        top_k: int | None = None,
        policy: Policy | None = None,
        metadata: Mapping[str, str] | None = None,
        lease: Lease | None = None,
        owner: str | None = None,
    ) -> RoutingResponse:
        """Decide for one request. Memory only; no content of a prompt makes it raise.

        Args:
            request: a prompt, a vector, or a `RoutingRequest`, whose fields the others replace.
            candidates: what could serve it; the resident ones where left out.
            top_k: candidates to return, 1 to 64; all, at most 64, where left out.
            policy: decide by this one instead of the router's.
            metadata: key=value pairs, compared with those of the candidates.
            lease: from `lease`; with it a model that is half-open takes this request as a probe.
            owner: who asks, where only they may report what became of it.

        Raises:
            InvalidInputError: an argument is malformed; the message names it, and the index.
        """
        scored = self._service.score(request, candidates, top_k, policy, metadata)
        history = self._history
        is_troubled = history.views.breakers.is_troubled
        healthy = history.check_health(scored.models, lease) if is_troubled else None
        return self.record(scored, decide(scored, scored.rule, healthy), owner)

    def score(
        self,
        request: str | RoutingRequest | Any,
        *,
        candidates: Candidates | None = None,
        top_k: int | None = None,
        policy: Policy | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Scored:
        """The numbers of a request alone: no breaker is asked, nothing is kept.

        For callers that decide by more than the router knows; arguments and errors as for `route`.
        `decide(scored, scored.rule)` is the choice without breakers, `record` keeps one.
        """
        return self._service.score(request, candidates, top_k, policy, metadata)

    def record(
        self, scored: Scored, choice: Choice, owner: str | None = None, would: Choice | None = None
    ) -> RoutingResponse:
        """The response: the choice that was made for what `score` gave, kept; see `Intake.add`."""
        model, reason = choice
        name, elapsed_us = self._stamp.mark(scored.started_at)
        response = RoutingResponse(name, model, reason, scored, elapsed_us)
        if reason is Reason.BOTH_BREAKERS_OPEN:
            response.retry_after_s = self._history.retry_after_s(scored.models)
        self._history.intake.add(response, scored, owner, would)
        return response

    def route_many(self, prompts: Iterable[str]) -> Iterator[RoutingResponse]:
        """Decide for many prompts, one after the other, in order, without holding them all."""
        return (self.route(prompt, candidates=()) for prompt in prompts)

    def embed(self, text: str) -> Any:
        """A unit vector of the text, `array('f')`; all zero where it has no token.

        Raises:
            InvalidInputError: not a text, or there is no bundle.
        """
        return self._service.embed(text)

    def set_candidates(self, candidates: Sequence[Candidate]) -> None:
        """Hold these candidates in the kernel from now on, and no others.

        Raises:
            InvalidInputError: one is malformed (it is named), or the bundle scores none.
        """
        self.prepare_candidates(candidates)()

    def update_candidate(self, candidate: Candidate | str, /, **changes: Any) -> None:
        """Add a candidate, replace the one of its name, or change fields of the resident named.

        Raises:
            InvalidInputError: as for `set_candidates`, or there is none of this name.
        """
        self._service.change_residents(lambda residents: residents.update(candidate, changes))

    def remove_candidate(self, candidate_id: str) -> None:
        """Let a resident candidate go; the last one takes its place.

        Raises:
            InvalidInputError: there is none of this name.
        """
        self._service.change_residents(lambda residents: residents.remove(candidate_id))

    def reload_model(self, source: Source | None = None) -> Reloaded:
        """Load another bundle without a gap, or the same file again; residents stay.

        Raises:
            BundleError: it is not valid; the loaded one stays.
            InvalidInputError: it cannot score the resident candidates; the loaded one stays.
        """
        return self.prepare_model(source)()

    def report(
        self, model: str, *, ok: bool, lease: Lease | None = None, **call: Unpack[CallFields]
    ) -> None:
        """Tell what became of a call to a model; feeds its circuit breaker.

        Args:
            model: its name, or `light` or `powerful`.
            ok: True where it answered.
            lease: the one that the call was made under.
            call: what is known of it, as `CallFields` says.

        Raises:
            InvalidInputError: a value has the wrong type or range.
        """
        report = Report(ok, **call, lease=lease.id if lease else None)
        self._history.report(self._service.resolve(model), report)

    def circuit_breaker_status(self, model: str = LIGHT) -> bool | None:
        """True healthy, False while open or half-open, None where breakers are off."""
        return self._history.is_healthy(self._service.resolve(model))

    def record_outcome(
        self,
        decision_id: str,
        *,
        light_score: float | None = None,
        powerful_score: float | None = None,
        scores: Mapping[str, float] | None = None,
        model: str | None = None,
        **fields: Unpack[OutcomeFields],
    ) -> None:
        """Queue what became of the decision of this id; a later outcome adds to an earlier one.

        Args:
            decision_id: the response's.
            light_score: quality in [0, 1] of the cheapest model's answer.
            powerful_score: the same of the dearest model's.
            scores: the same by name, for bundles with more models.
            model: which one answered; with `HistoryConfig.prices` the cost follows from tokens.
            fields: what is known of the call, as `OutcomeFields` says.

        Raises:
            InvalidInputError: a value has the wrong type or range.
            StoreFullError: the queue is full of outcomes.
        """
        from .history.records.outcome import Outcome, merge_scores  # no part of a start

        given, resolve = merge_scores(scores, light_score, powerful_score), self._service.resolve
        known = {resolve(name): score for name, score in given.items()}
        outcome = Outcome(decision_id=decision_id, at=self._history.clock(), scores=known, **fields)
        self._history.record_outcome(outcome, model and resolve(model), resolve(POWERFUL))

    def metrics(self) -> RoutingMetrics:
        """Totals, latency quantiles, breakers and money since this router began."""
        return self._history.metrics()

    def retry_after_s(self, *models: str) -> float | None:
        """Seconds until the first of these models may be probed; None where nobody can tell."""
        return self._history.retry_after_s([self._service.resolve(model) for model in models])

    async def lease(self, model: str) -> Lease | None:
        """A lease for one probe of a half-open model; None where none is to be had or needed."""
        return await self._history.lease(self._service.resolve(model))

    async def force_breaker(self, model: str, mode: Mode | None) -> None:
        """Hold a model's breaker `forced_open` or `forced_closed`, or set it free with None.

        Raises:
            StoreError: it could not be stored, and nothing is changed.
        """
        await self._history.force(self._service.resolve(model), mode)

    prepare_candidates, prepare_model = prepare_candidates, prepare_model

    async def refresh(self) -> None:
        """Look at the shared states; a store that fails is no reason not to decide."""
        await self._history.refresh()

    def expire(self) -> None:
        """Another tab or process changed the store: look again at the next chance."""
        self._history.expire()

    async def drain(self) -> None:
        """Write what waits, after an answer, where no thread does: in a tab and on the edge."""
        await self._history.drain()

    async def flush(self) -> None:
        """Write everything; when it returns, all that was queued before is stored.

        Raises:
            StoreError: it is not; what could not be written waits.
        """
        await self._history.flush()

    async def delete_all(self) -> None:
        """Delete the history, shared states included; on a StoreError what is stored stays."""
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

    def __exit__(self, *_: object) -> None:
        self.close()

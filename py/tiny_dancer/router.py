"""Router: the one object a user holds."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from os import PathLike
from threading import RLock
from time import perf_counter
from typing import Any, NamedTuple, Self, TypeAlias

from .breaker.lease import Lease
from .candidates.candidate import Candidate
from .candidates.packed_candidates import PackedCandidates
from .candidates.registration import seconds
from .candidates.residents import Residents, vectors_of
from .config import RouterConfig
from .errors import InvalidInputError, KernelError
from .feedback import POWERFUL, Feedback
from .history import HistoryStore
from .hosts import compile_ahead, open_scorer, open_twin
from .hosts.package_data import default_bundle
from .model import Bundle, read_bundle
from .policy import Policy
from .request import Asked, Candidates, as_request, query_of
from .response import MAX_K, Reason, RoutingDecision, RoutingRequest, RoutingResponse
from .scoring.protocol import Ranking, RequestScore
from .scoring.text import cut
from .service import Served

Source: TypeAlias = str | PathLike[str] | bytes
_Routed: TypeAlias = tuple[RoutingResponse, bytes | None, Sequence[float], Sequence[str]]
"""A response, the text that was scored, the inputs of the heads, the models decided among."""


class Reloaded(NamedTuple):
    """SHA-256 of the bundle before a reload and of the one after it."""

    before: str | None
    after: str


class Router(Feedback):
    """Decides for a prompt whether the cheap model is good enough, and which candidate fits best.

    Args:
        config: settings; `RouterConfig()` where left out.
        model: bundle to use, a path or its bytes; the shipped one where left out.
        store: where history goes (`tiny_dancer.history`), closed with the router; counters in
            memory where left out.
        policy: the rule to decide by; else the stored one for this bundle, else the bundle's own.
        clock: seconds since 1970, for the age of candidates, breakers and records.

    Raises:
        BundleError: the bundle is not valid.
        InvalidInputError: an argument has the wrong type, or both a policy and a gate were set.
    """

    def __init__(
        self,
        config: RouterConfig | None = None,
        *,
        model: Source | None = None,
        store: HistoryStore | None = None,
        policy: Policy | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config if config is not None else RouterConfig()
        if not isinstance(self._config, RouterConfig):
            raise InvalidInputError(f"config: a RouterConfig is needed, got {config!r:.40}")
        if policy is not None and self._config.has_gate:
            raise InvalidInputError(
                "policy: a policy and confidence_threshold or max_uncertainty exclude each other"
            )
        self._policy = _checked(policy)
        self._clock = clock
        self._changes = RLock()
        self._served = self._load(model if model is not None else self._config.model_path)
        self._residents = _residents(self._served)
        self._follows_store = store is not None and policy is None and not self._config.has_gate
        self._policies: object = None
        self._numbers = count(1)
        self._prefix: str | None = None
        self._tick = _clock_tick()
        super().__init__(self._config, store, clock)
        self._breakers = self._history.views.breakers

    @classmethod
    async def load(cls, config: RouterConfig | None = None, **options: Any) -> Self:
        """The same as the constructor, for callers that must not block: a browser's main thread."""
        await compile_ahead()
        router = cls(config, **options)
        await router._history.refresh()
        return router

    @property
    def bundle(self) -> Bundle | None:
        """The bundle in service, or None."""
        return self._served.bundle if self._served else None

    @property
    def scorer(self) -> str | None:
        """What does the number work: `kernel`, or `twin` where no WebAssembly host runs."""
        return self._served.scorer.kind if self._served else None

    def route(
        self,
        request: str | RoutingRequest | Any,
        *,
        candidates: Candidates | None = None,
        top_k: int | None = None,
        policy: Policy | None = None,
        metadata: Mapping[str, str] | None = None,
        lease: Lease | None = None,
        amend: Callable[[RoutingResponse], None] | None = None,
        record: bool = True,
    ) -> RoutingResponse:
        """Decide for one request. Memory only; no content of a prompt makes it raise.

        Args:
            request: a prompt, a query vector (float32 buffer, or a sequence of floats), or a
                `RoutingRequest`, whose fields the arguments below then take the place of.
            candidates: what could serve it; the resident ones where left out.
            top_k: candidates to return, 1 to 64; all, at most 64, where left out.
            policy: decide by this one instead of the router's.
            metadata: key=value pairs, compared with those of the candidates.
            lease: from `lease`; with it a model that is half-open takes this request as a probe.
            amend: changes the response before it is recorded, for a caller that knows more, such
                as the conversation; breakers are that caller's business then.
            record: False decides by the numbers alone: no breaker is asked, nothing is kept.

        Raises:
            InvalidInputError: an argument is malformed; the message names it, and the index.
        """
        start = perf_counter()
        decision_id = f"{self._prefix or self._draw_prefix()}-{next(self._numbers)}"
        served = self._served
        text: bytes | None = None
        head_inputs: Sequence[float] = ()
        models: Sequence[str] = (POWERFUL,)
        if self._follows_store and self._policies is not self._history.views.policies:
            self._follow()
        if served is None:
            response = RoutingResponse(
                decision_id=decision_id,
                use_lightweight=False,
                model=POWERFUL,
                reason=Reason.NO_MODEL,
            )
        elif type(request) is str and not (self._residents if candidates is None else candidates):
            response, text, head_inputs, models = self._route_text(
                served, request, decision_id, _checked(policy)
            )
        else:
            asked = as_request(request, candidates, top_k, metadata)
            response, text, head_inputs, models = self._route_request(
                asked, decision_id, _checked(policy)
            )
        if amend is not None:
            amend(response)
        elif record and self._breakers.is_troubled:
            self._avoid_open(response, models, lease)
        elapsed = perf_counter() - start
        response.inference_time_us = elapsed * 1e6 if elapsed > 2 * self._tick else None
        if record:
            self._history.record(response, text, head_inputs)
        return response

    def route_many(self, prompts: Iterable[str]) -> Iterator[RoutingResponse]:
        """Decide for many prompts, one after the other, in order and without holding them all."""
        return (self.route(prompt, candidates=()) for prompt in prompts)

    def embed(self, text: str) -> Any:
        """A unit vector of the text, `array('f')`; all zero where it has no token.

        Raises:
            InvalidInputError: not a text, or there is no bundle.
        """
        if not isinstance(text, str):
            raise InvalidInputError(f"text: a str is needed, got {type(text).__name__}")
        return self._needed().scorer.embed(cut(text)[0])

    def set_candidates(self, candidates: Sequence[Candidate]) -> None:
        """Hold these candidates in the kernel from now on, and no others.

        Raises:
            InvalidInputError: one is malformed (the message names it and its index), or the bundle
                scores none. The set is then as before.
        """
        with self._changes:
            self._needed_residents().replace_all(list(candidates))

    def update_candidate(self, candidate: Candidate | str, /, **changes: Any) -> None:
        """Add a candidate, replace the one of its name, or change some fields of a resident one.

        Args:
            candidate: a `Candidate`, or the name of a resident one.
            changes: fields to change of the one named.

        Raises:
            InvalidInputError: as for `set_candidates`, or there is none of this name.
        """
        with self._changes:
            residents = self._needed_residents()
            if isinstance(candidate, str):
                candidate = residents.changed(candidate, changes)
            elif changes:
                raise InvalidInputError("changes: they go with a name, not with a Candidate")
            residents.put(candidate)

    def remove_candidate(self, candidate_id: str) -> None:
        """Let a resident candidate go; the last one takes its place.

        Raises:
            InvalidInputError: there is none of this name.
        """
        with self._changes:
            self._needed_residents().remove(candidate_id)

    def reload_model(self, source: Source | None = None) -> Reloaded:
        """Put another bundle into service without a gap, residents included.

        Args:
            source: a path or bytes; where left out, the file or shipped bundle is read again.

        Raises:
            BundleError: it is not valid; the one in service stays.
            InvalidInputError: it cannot score the resident candidates; the one in service stays.
        """
        served = self._load(source if source is not None else self._config.model_path)
        if served is None:
            raise InvalidInputError("source: this installation ships no bundle; name a file")
        with self._changes:
            residents = _residents(served)
            if self._residents:
                if residents is None:
                    raise InvalidInputError("source: this bundle scores no candidates")
                residents.replace_all(list(self._residents))
            before = self._served.bundle.bundle_hash if self._served else None
            self._served, self._residents, self._policies = served, residents, None
        return Reloaded(before, served.bundle.bundle_hash)

    def _route_text(
        self, served: Served, prompt: str, decision_id: str, policy: Policy | None
    ) -> _Routed:
        text, shortened = cut(prompt)
        kept = self._history.keeps_inputs
        try:
            score = served.scorer.score_text(text, head_inputs=kept)
        except KernelError:
            with self._changes:
                self._fall_back(served)
            score = served.scorer.score_text(text, head_inputs=kept)
        response = served.by_text(score, decision_id, shortened, policy)
        return response, text, score.head_inputs, served.models

    def _route_request(
        self, asked: RoutingRequest | Asked, decision_id: str, policy: Policy | None
    ) -> _Routed:
        text, shortened = cut(asked.prompt) if asked.prompt is not None else (None, False)
        with self._changes:  # a reload or a change of residents waits
            served = self._needed()
            try:
                score, ids = self._score(served, asked, text)
            except KernelError:
                self._fall_back(served)
                score, ids = self._score(served, asked, text)

        def decisions() -> tuple[RoutingDecision, ...]:
            return served.decisions(score.ranking, ids)

        if score.text is not None:
            response = served.by_text(score.text, decision_id, shortened, policy)
        else:
            response = served.by_best(score.ranking, decision_id)
        response.with_candidates(decisions, len(ids))
        head_inputs = score.text.head_inputs if score.text is not None else ()
        return response, text, head_inputs, served.models

    def _score(
        self, served: Served, asked: RoutingRequest | Asked, text: bytes | None
    ) -> tuple[RequestScore, Sequence[str]]:
        """The numbers of a request, and the names of the candidates that were scored."""
        scorer, constants = served.scorer, served.bundle.config.candidate
        kept = self._history.keeps_inputs and text is not None
        given = self._residents if asked.candidates is None else _packed(served, asked.candidates)
        if constants is None or not given:
            alone = scorer.score_text(text, head_inputs=kept) if text is not None else None
            return RequestScore(alone, Ranking()), ()
        bits, pairs = given.request_pairs(asked.metadata) if asked.metadata else (0, 0)
        score = scorer.score_request(
            text,
            query_of(asked, given.dimension, served.bundle.sizes["H"]),
            len(given) if isinstance(given, Residents) else given.packed(constants.count_cap),
            k=min(asked.top_k or MAX_K, len(given)),
            now=seconds(self._clock()),
            pairs=bits,
            n_pairs=pairs,
            head_inputs=kept,
        )
        return score, given.ids

    def _fall_back(self, served: Served) -> None:
        """Put the twin in the place of a kernel that failed, with the same residents."""
        residents = list(self._residents or ())
        served.scorer = open_twin(served.bundle, self._config.max_tokens)
        self._residents = _residents(served)
        if self._residents is not None:
            self._residents.replace_all(residents)

    def _load(self, source: Source | None) -> Served | None:
        data = source if source is not None else default_bundle()
        if data is None:
            return None
        bundle = read_bundle(data)
        scorer = open_scorer(bundle, self._config.max_tokens)
        return Served(bundle, scorer, self._config, self._policy)

    def _models(self) -> Sequence[str]:
        return self._served.models if self._served else (POWERFUL,)

    def _follow(self) -> None:
        """Decide by the policy that the store holds for the bundle in service, if there is one."""
        with self._changes:
            views = self._history.views
            self._policies = views.policies
            if self._served is not None:
                self._served.follow(views.policy(self._served.bundle.bundle_hash))

    def _needed(self) -> Served:
        if self._served is None:
            raise InvalidInputError(
                "model: this router has no bundle, so it embeds and ranks nothing"
            )
        return self._served

    def _needed_residents(self) -> Residents:
        self._needed()
        if self._residents is None:
            raise InvalidInputError("candidates: the bundle in service scores none")
        return self._residents

    def _draw_prefix(self) -> str:
        """Random, and drawn at the first decision: a memory snapshot must not hold it."""
        self._prefix = os.urandom(5).hex()
        return self._prefix


def _residents(served: Served | None) -> Residents | None:
    """An empty set of residents, where the bundle scores candidates."""
    if served is None or served.bundle.config.candidate is None:
        return None
    return Residents(served.scorer, served.bundle.config.candidate.count_cap)


def _packed(served: Served, candidates: Candidates) -> PackedCandidates | None:
    if not candidates:
        return None
    if isinstance(candidates, PackedCandidates):
        return candidates
    return PackedCandidates.of(candidates, vectors_of(served.scorer, candidates))


def _checked(policy: Policy | None) -> Policy | None:
    if policy is not None and not isinstance(policy, Policy):
        raise InvalidInputError(f"policy: a Policy is needed, got {type(policy).__name__}")
    return policy


def _clock_tick() -> float:
    """Smallest step of the clock in seconds; infinite where it stands still (inside a Worker)."""
    start = perf_counter()
    for _ in range(2_000):
        step = perf_counter() - start
        if step > 0:
            return step
    return float("inf")

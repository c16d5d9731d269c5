"""Service: scores requests by the loaded bundle, which is swapped whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from threading import RLock
from time import perf_counter
from typing import Any, TypeAlias, TypeVar
from weakref import WeakMethod

from .candidates.candidate import Candidate
from .candidates.encoded_candidates import EncodedCandidates
from .candidates.registration import seconds
from .candidates.residents import Residents
from .config import RouterConfig
from .errors import InvalidInputError, KernelError
from .history.states.reading import Reading
from .history.states.views import Views
from .history.states.watched import Watched
from .hosts import OpenScorer, open_twin
from .hosts.package_data import default_bundle, default_bundle_hash
from .loaded_bundle import LoadedBundle, Reloaded
from .model import read_bundle
from .policy import Policy
from .policy.policy import check_policy
from .policy.preference import POWERFUL, resolve_name
from .policy_follower import PolicyFollower, check_given, find_watched
from .request import (
    Candidates,
    RoutingRequest,
    check_candidates,
    check_length,
    check_needs_no_query,
    check_options,
    check_query,
)
from .score import Scored
from .text import cut

T = TypeVar("T")
Source: TypeAlias = str | PathLike[str] | bytes


class Service:
    """Scores requests; a reload, a new policy or a failed kernel swaps one reference.

    Args:
        config: the router's settings.
        source: bundle to load; that of the settings, else the shipped one, where None.
        policy: to decide by; the bundle's default where None.
        clock: seconds since 1970, for the age of candidates.
        scorer: opens the scorer of a bundle.
        views: the store's, followed unless a gate is set; None without one: no text is kept then.
        keeps_inputs: True where the inputs of the heads are asked for.

    Attributes:
        loaded: the loaded bundle; None where the installation ships none and none was named.

    Raises:
        BundleError: the bundle is not valid.
        InvalidInputError: the policy is none, or the settings have a gate beside it.
    """

    def __init__(
        self,
        config: RouterConfig,
        source: Source | None,
        policy: Policy | None,
        clock: Callable[[], float],
        scorer: OpenScorer,
        views: Views | None,
        keeps_inputs: bool,
    ) -> None:
        self._config = config
        self._policy = check_given(policy, config)
        self._clock = clock
        self._open_scorer = scorer
        self._follower: PolicyFollower | None = None
        if views is not None:
            views.find_watched = WeakMethod(self.find_watched)
            self._follower = None if config.has_gate else PolicyFollower(views, self._policy)
        self._keeps_text = views is not None
        self._keeps_inputs = keeps_inputs
        self._source = source if source is not None else config.model_path
        self._changes = RLock()
        self.loaded = self._load(source)

    @property
    def models(self) -> Sequence[str]:
        """Names of the models, cheapest first."""
        loaded = self.loaded
        return loaded.models if loaded is not None else (POWERFUL,)

    def resolve(self, name: str) -> str:
        """The model's own name, where it was called `light` or `powerful`."""
        return resolve_name(name, self.models)

    def score(
        self,
        request: str | RoutingRequest | Any,
        candidates: Candidates | None,
        top_k: int | None,
        policy: Policy | None,
        metadata: Mapping[str, str] | None,
    ) -> Scored:
        """The numbers of a request; arguments and errors are those of `Router.score`."""
        started_at = perf_counter()
        if policy is not None:
            check_policy(policy)
        loaded = self._follow()
        if loaded is None:
            return Scored(None, None, started_at)
        residents = loaded.residents
        if candidates is None:
            has_candidates = residents is not None and bool(residents.ids)
        else:  # what is no list is refused below
            has_candidates = not isinstance(candidates, tuple | list) or bool(candidates)
        is_plain = top_k is None and metadata is None and not has_candidates
        if type(request) is str and is_plain:
            return self._score_text(loaded, policy, started_at, request)
        if isinstance(request, RoutingRequest):
            prompt, query = request.prompt, request.query_embedding
            candidates = request.candidates if candidates is None else candidates
            metadata = request.metadata if metadata is None else metadata
            top_k = request.top_k if top_k is None else top_k
        elif isinstance(request, str):
            prompt, query = request, None
        else:
            prompt, query = None, check_query(request) if request is None else request
        rest = (policy, started_at, prompt, query, candidates, top_k, metadata)
        if candidates is not None:
            check_candidates(candidates)
            return self._score_request(loaded, *rest)
        with self._changes:  # a reload or a change of residents waits
            return self._score_request(self.loaded or loaded, *rest)

    def embed(self, text: str) -> Any:
        """A unit vector of the text; errors are those of `Router.embed`."""
        if not isinstance(text, str):
            raise InvalidInputError(f"text: a str is needed, got {type(text).__name__}")
        return self.use(lambda loaded: loaded.scorer.embed(cut(text)[0]))

    def use(self, work: Callable[[LoadedBundle], T]) -> T:
        """What work on the loaded bundle gives; where the kernel fails, with the twin.

        Raises:
            InvalidInputError: there is no bundle.
        """
        loaded = self.get_loaded()
        try:
            return work(loaded)
        except KernelError:
            return work(self._replace_scorer(loaded))

    def change_residents(self, change: Callable[[Residents], None]) -> None:
        """Change the resident candidates while no request is scored by them.

        Raises:
            InvalidInputError: there is no bundle, or it scores no candidates.
        """
        with self._changes:
            self.use(lambda loaded: change(loaded.get_residents()))

    def encode_residents(
        self, candidates: Sequence[Candidate]
    ) -> tuple[LoadedBundle, EncodedCandidates]:
        """These candidates, got ready to be held, and the bundle they are encoded by.

        Raises:
            InvalidInputError: one is malformed (it is named), or there is no bundle for them.
        """
        return self.use(lambda loaded: (loaded, loaded.get_residents().encode(candidates)))

    def load(self, source: Source | None) -> LoadedBundle:
        """A bundle, not in service, with the resident candidates; raises as `reload_model`."""
        fresh = self._load(source if source is not None else self._source)
        if fresh is None:
            raise InvalidInputError("source: this installation ships no bundle; name a file")
        fresh.take_residents(self.loaded)
        return fresh

    def swap(self, fresh: LoadedBundle) -> Reloaded:
        """Put a bundle that `load` gave into service."""
        with self._changes:
            before = self.loaded
            fresh.take_residents(before)  # none is encoded anew but those that came meanwhile
            self.loaded = self._follower.follow(fresh) if self._follower else fresh
        return Reloaded(before.bundle.bundle_hash if before else None, fresh.bundle.bundle_hash)

    def use_policy(self, policy: Policy | None) -> None:
        """As `Router.use_policy`."""
        with self._changes:
            self._policy = check_given(policy, self._config)
            if self._follower is not None:
                self._follower.policy = policy
            if (loaded := self.loaded) is not None and not self._config.has_gate:
                fresh = replace(loaded, rule=loaded.make_rule(policy))
                self.loaded = self._follower.follow(fresh) if self._follower else fresh

    def find_watched(self, reading: Reading) -> Watched | None:
        """The certified policy that decides by a reading; None where there is none to watch."""
        loaded = self.loaded
        if loaded is not None and self._follower is not None:
            loaded = self._follower.follow(loaded, reading)
        return find_watched(loaded) if loaded is not None else None

    def _follow(self) -> LoadedBundle | None:
        """The loaded bundle, deciding by what was read of the store last."""
        follower, loaded = self._follower, self.loaded
        if follower is None or loaded is None or not follower.is_behind(loaded):
            return loaded
        with self._changes:
            self.loaded = follower.follow(self.get_loaded())
            return self.loaded

    def get_loaded(self) -> LoadedBundle:
        """The loaded bundle.

        Raises:
            InvalidInputError: there is none.
        """
        if self.loaded is None:
            raise InvalidInputError(
                "model: this router has no bundle, so it embeds and ranks nothing"
            )
        return self.loaded

    def _load(self, source: Source | None) -> LoadedBundle | None:
        data = source if source is not None else self._config.model_path
        if data is None:
            data = default_bundle()
        if data is None:
            return None
        bundle = read_bundle(data, checked=default_bundle_hash())
        scorer = self._open_scorer(bundle, self._config.max_tokens)
        return LoadedBundle.of(bundle, scorer, self._config, self._policy)

    def _replace_scorer(self, failed: LoadedBundle) -> LoadedBundle:
        """Put the twin in the place of a kernel that failed, unless a reload did so already."""
        with self._changes:
            loaded = self.get_loaded()
            if loaded.scorer is failed.scorer:
                loaded = loaded.with_scorer(open_twin(loaded.bundle, self._config.max_tokens))
                self.loaded = loaded
            return loaded

    def _score_text(
        self, loaded: LoadedBundle, policy: Policy | None, started_at: float, prompt: str
    ) -> Scored:
        rule = loaded.rule if policy is None else loaded.make_own_rule(policy)
        text, is_cut = cut(prompt)
        try:
            score = loaded.scorer.score_text(text, head_inputs=self._keeps_inputs)
        except KernelError:
            loaded = self._replace_scorer(loaded)  # a reload may have brought another bundle
            rule = loaded.rule if policy is None else loaded.make_own_rule(policy)
            score = loaded.scorer.score_text(text, head_inputs=self._keeps_inputs)
        kept = text if self._keeps_text else None
        return Scored(loaded, rule, started_at, kept, is_cut, score)

    def _score_request(
        self,
        loaded: LoadedBundle,
        policy: Policy | None,
        started_at: float,
        prompt: str | None,
        query: Any,
        candidates: Candidates | None,
        top_k: int | None,
        metadata: Mapping[str, str] | None,
    ) -> Scored:
        """The numbers of a request that may have candidates, a text, a query vector."""
        try:
            rule = loaded.rule if policy is None else loaded.make_own_rule(policy)
            residents = loaded.residents
            if candidates is not None:
                pools = loaded.get_pools(candidates)
            else:
                pools = residents.pools if residents is not None and residents.ids else None
            if pools is None:
                check_options(top_k, metadata)
                if query is not None:
                    check_query(query)
                if prompt is not None:
                    return self._score_text(loaded, policy, started_at, prompt)
                return Scored(loaded, rule, started_at)
            pool = pools.get(top_k, metadata, check_options)
            text, is_cut = cut(prompt) if prompt is not None else (None, False)
            if query is None:
                check_needs_no_query(pool.dimension, loaded.bundle.sizes["H"])
            now, keeps_inputs = seconds(self._clock()), self._keeps_inputs and text is not None
            score_request = loaded.scorer.score_request
            try:
                score = score_request(pool, query, now, text, head_inputs=keeps_inputs)
            except (TypeError, ValueError):  # no float32 of that length: converted, or refused
                query = check_length(check_query(query), pool.dimension)
                score = score_request(pool, query, now, text, head_inputs=keeps_inputs)
            kept = text if self._keeps_text else None
            return Scored(loaded, rule, started_at, kept, is_cut, *score, pool.ids)
        except KernelError:
            loaded = self._replace_scorer(loaded)
            rest = (policy, started_at, prompt, query, candidates, top_k, metadata)
            return self._score_request(loaded, *rest)

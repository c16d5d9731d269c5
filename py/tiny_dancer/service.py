"""Service: scores requests by the loaded bundle, which is swapped whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from threading import RLock
from time import perf_counter
from typing import Any, NamedTuple, NoReturn, TypeAlias

from .candidates.packed_candidates import PackedCandidates
from .candidates.registration import seconds
from .candidates.residents import Residents, vectors_of
from .config import RouterConfig
from .errors import InvalidInputError, KernelError
from .history.states.views import Views
from .hosts import OpenScorer, open_twin
from .hosts.package_data import default_bundle
from .loaded_bundle import LoadedBundle
from .model import read_bundle
from .policy import Policy
from .policy.preference import POWERFUL, resolve_name
from .request import MAX_K, Candidates, CheckedRequest, RoutingRequest, as_request, query_of
from .score import Scored
from .scoring.protocol import Ranking, RequestScore
from .text import cut

Source: TypeAlias = str | PathLike[str] | bytes


class Reloaded(NamedTuple):
    """SHA-256 of the bundle before a reload and of the one after it."""

    before: str | None
    after: str


class Uncopyable:
    """What holds a kernel and threads, so that a copy of it would be none."""

    def __reduce__(self) -> NoReturn:
        raise InvalidInputError(
            f"{type(self).__name__}: it holds a kernel and threads, and cannot be pickled or "
            "copied; make one where it is needed, from the same config and model"
        )


class Service:
    """Scores requests; a reload, a new policy or a failed kernel swaps one reference.

    Args:
        config: the router's settings.
        source: bundle to load; that of the settings, else the shipped one, where None.
        policy: to decide by; the bundle's default where None.
        clock: seconds since 1970, for the age of candidates.
        scorer: opens the scorer of a bundle.
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
        *,
        keeps_inputs: bool,
    ) -> None:
        if policy is not None and config.has_gate:
            raise InvalidInputError(
                "policy: a policy and confidence_threshold or max_uncertainty exclude each other"
            )
        self._config = config
        self._policy = check_policy(policy)
        self._clock = clock
        self._open_scorer = scorer
        self._keeps_inputs = keeps_inputs
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
        check_policy(policy)
        loaded = self.loaded
        if loaded is None:
            return Scored(None, None, started_at)
        if candidates is None:
            has_candidates = loaded.residents is not None and bool(loaded.residents.ids)
        else:  # what is no list is refused below
            has_candidates = not isinstance(candidates, tuple | list) or bool(candidates)
        is_plain = top_k is None and metadata is None and not has_candidates
        if type(request) is str and is_plain:
            return self._score_text(loaded, request, started_at, policy)
        checked = as_request(request, candidates, top_k, metadata)
        with self._changes:  # a reload or a change of residents waits
            loaded = self.get_loaded()
            try:
                return self._score_request(loaded, checked, started_at, policy)
            except KernelError:
                loaded = self._replace_scorer(loaded)
                return self._score_request(loaded, checked, started_at, policy)

    def embed(self, text: str) -> Any:
        """A unit vector of the text; errors are those of `Router.embed`."""
        if not isinstance(text, str):
            raise InvalidInputError(f"text: a str is needed, got {type(text).__name__}")
        return self.get_loaded().scorer.embed(cut(text)[0])

    @contextmanager
    def change_residents(self) -> Iterator[Residents]:
        """The resident candidates, to be changed while no request is scored by them.

        Raises:
            InvalidInputError: there is no bundle, or it scores no candidates.
        """
        with self._changes:
            residents = self.get_loaded().residents
            if residents is None:
                raise InvalidInputError("candidates: the loaded bundle scores none")
            yield residents

    def reload(self, source: Source | None) -> Reloaded:
        """Load another bundle, resident candidates included; errors: `Router.reload_model`."""
        fresh = self._load(source)
        if fresh is None:
            raise InvalidInputError("source: this installation ships no bundle; name a file")
        with self._changes:
            before = self.loaded
            if before is not None and before.residents:
                if fresh.residents is None:
                    raise InvalidInputError("source: this bundle scores no candidates")
                fresh.residents.replace_all(list(before.residents))
            self.loaded = fresh
        return Reloaded(before.bundle.bundle_hash if before else None, fresh.bundle.bundle_hash)

    def follow(self, views: Views) -> None:
        """Decide by the policy stored for the loaded bundle, else by the bundle's default."""
        if self.loaded is None or self.loaded.followed is views.policies:
            return
        with self._changes:
            loaded = self.get_loaded()
            policy = views.policy(loaded.bundle.bundle_hash)
            self.loaded = replace(loaded, rule=loaded.make_rule(policy), followed=views.policies)

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
        bundle = read_bundle(data)
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
        self, loaded: LoadedBundle, prompt: str, started_at: float, policy: Policy | None
    ) -> Scored:
        text, is_cut = cut(prompt)
        try:
            score = loaded.scorer.score_text(text, head_inputs=self._keeps_inputs)
        except KernelError:
            loaded = self._replace_scorer(loaded)
            score = loaded.scorer.score_text(text, head_inputs=self._keeps_inputs)
        rule = loaded.rule if policy is None else loaded.make_rule(policy)
        return Scored(loaded, rule, started_at, text, is_cut, score)

    def _score_request(
        self,
        loaded: LoadedBundle,
        request: RoutingRequest | CheckedRequest,
        started_at: float,
        policy: Policy | None,
    ) -> Scored:
        text, is_cut = cut(request.prompt) if request.prompt is not None else (None, False)
        score, ids = self._run(loaded, request, text)
        rule = loaded.rule if policy is None else loaded.make_rule(policy)
        return Scored(loaded, rule, started_at, text, is_cut, score.text, score.ranking, ids)

    def _run(
        self, loaded: LoadedBundle, request: RoutingRequest | CheckedRequest, text: bytes | None
    ) -> tuple[RequestScore, Sequence[str]]:
        """The scorer's numbers, and the names of the candidates that were scored."""
        scorer, constants = loaded.scorer, loaded.bundle.config.candidate
        keeps_inputs = self._keeps_inputs and text is not None
        given = loaded.residents if request.candidates is None else _pack(loaded, request)
        if constants is None or not given:
            alone = scorer.score_text(text, head_inputs=keeps_inputs) if text is not None else None
            return RequestScore(alone, Ranking()), ()
        bits, pairs = given.request_pairs(request.metadata) if request.metadata else (0, 0)
        score = scorer.score_request(
            text,
            query_of(request, given.dimension, loaded.bundle.sizes["H"]),
            len(given) if isinstance(given, Residents) else given.packed(constants.count_cap),
            k=min(request.top_k or MAX_K, len(given)),
            now=seconds(self._clock()),
            pairs=bits,
            n_pairs=pairs,
            head_inputs=keeps_inputs,
        )
        return score, given.ids


def check_config(config: object) -> RouterConfig:
    """The settings.

    Raises:
        InvalidInputError: they are none.
    """
    if not isinstance(config, RouterConfig):
        raise InvalidInputError(f"config: a RouterConfig is needed, got {config!r:.40}")
    return config


def check_policy(policy: Policy | None) -> Policy | None:
    """The policy.

    Raises:
        InvalidInputError: it is none.
    """
    if policy is not None and not isinstance(policy, Policy):
        raise InvalidInputError(f"policy: a Policy is needed, got {type(policy).__name__}")
    return policy


def _pack(
    loaded: LoadedBundle, request: RoutingRequest | CheckedRequest
) -> PackedCandidates | None:
    candidates = request.candidates
    if not candidates:
        return None
    if isinstance(candidates, PackedCandidates):
        return candidates
    return PackedCandidates.of(candidates, vectors_of(loaded.scorer, candidates))

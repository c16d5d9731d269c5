"""Router: the one object a user holds."""

import os
from dataclasses import dataclass
from itertools import count
from os import PathLike
from time import perf_counter
from typing import Any, Self, TypeAlias

from .config import RouterConfig
from .errors import InvalidInputError, KernelError
from .hosts import compile_ahead, open_scorer, open_twin
from .hosts.package_data import default_bundle
from .model import Bundle, read_bundle
from .policy import Calibration, Gate, Policy, by_gate, by_policy
from .scoring.protocol import Scorer, TextScore
from .scoring.text import cut
from .types import Reason, RoutingRequest, RoutingResponse

POWERFUL = "powerful"
"""Name of the choice when no bundle says otherwise."""

Source: TypeAlias = str | PathLike[str] | bytes


@dataclass(slots=True)
class _Model:
    """A bundle in service: everything a decision reads, swapped as one reference."""

    bundle: Bundle
    scorer: Scorer
    calibration: Calibration
    policy: Policy
    policy_id: str
    mismatch: bool


class Router:
    """Decides for a prompt whether the cheap model is good enough.

    Args:
        config: settings; `RouterConfig()` where left out.
        model: bundle to use, a path or its bytes; the shipped one where left out.
        policy: the rule to decide by; the bundle's default where left out.

    Raises:
        BundleError: the bundle is not valid.
        InvalidInputError: an argument has the wrong type, or both a policy and a gate were set.
    """

    def __init__(
        self,
        config: RouterConfig | None = None,
        *,
        model: Source | None = None,
        policy: Policy | None = None,
    ) -> None:
        """Load the bundle and start the kernel."""
        self._config = config if config is not None else RouterConfig()
        if not isinstance(self._config, RouterConfig):
            raise InvalidInputError(f"config: a RouterConfig is needed, got {config!r:.40}")
        if policy is not None and self._config.has_gate:
            raise InvalidInputError(
                "policy: a policy and confidence_threshold or max_uncertainty exclude each other"
            )
        self._policy = _checked(policy)
        self._gate = (
            Gate(self._config.confidence_threshold, self._config.max_uncertainty)
            if self._config.has_gate
            else None
        )
        self._model = self._load(model if model is not None else self._config.model_path)
        self._numbers = count(1)
        self._prefix: str | None = None
        self._tick = _clock_tick()

    @property
    def bundle(self) -> Bundle | None:
        """The bundle in service, or None."""
        return self._model.bundle if self._model else None

    @property
    def scorer(self) -> str | None:
        """What does the number work: `kernel`, or `twin` where no WebAssembly host runs."""
        return self._model.scorer.kind if self._model else None

    def route(
        self, request: str | RoutingRequest, *, policy: Policy | None = None
    ) -> RoutingResponse:
        """Decide for one prompt. Memory only; no content makes it raise.

        Args:
            request: the prompt.
            policy: decide by this one instead of the router's.

        Raises:
            InvalidInputError: an argument has the wrong type.
        """
        start = perf_counter()
        prompt = request if type(request) is str else _prompt(request)
        decision_id = f"{self._prefix or self._draw_prefix()}-{next(self._numbers)}"
        model = self._model
        if model is None:
            response = RoutingResponse(
                decision_id=decision_id,
                use_lightweight=False,
                model=POWERFUL,
                reason=Reason.NO_MODEL,
            )
        else:
            response = self._decide(model, prompt, _checked(policy), decision_id)
        elapsed = perf_counter() - start
        response.inference_time_us = elapsed * 1e6 if elapsed > 2 * self._tick else None
        return response

    def _decide(
        self, model: _Model, prompt: str, policy: Policy | None, decision_id: str
    ) -> RoutingResponse:
        text, shortened = cut(prompt)
        try:
            score = model.scorer.score_text(text)
        except KernelError:
            model.scorer = open_twin(model.bundle, self._config.max_tokens)
            score = model.scorer.score_text(text)
        gate: Gate | None = None
        if policy is not None:
            policy_id, mismatch = policy.id, _mismatch(policy, model.bundle)
        else:
            policy, policy_id, mismatch = model.policy, model.policy_id, model.mismatch
            gate = self._gate
        confidence = score.probabilities[0]
        last = len(score.scores) - 1
        doubt = _doubt(score, model.bundle, mismatch and gate is None)
        if doubt is not None:
            choice, reason = last, doubt
        elif gate is not None:
            uncertain = gate.uncertainty is not None
            choice, reason = by_gate(
                confidence,
                model.calibration.uncertainty(confidence) if uncertain else None,
                gate,
                last,
            )
        else:
            choice, reason = by_policy(score.scores, policy)
        return RoutingResponse(
            decision_id=decision_id,
            use_lightweight=choice != last,
            model=model.bundle.config.models[choice],
            reason=reason,
            confidence=confidence,
            probabilities=score.probabilities,
            score=score.scores[0],
            threshold=policy.threshold if gate is None else None,
            policy_id=policy_id if gate is None else None,
            bundle_hash=model.bundle.bundle_hash,
            n_tokens=score.n_tokens,
            truncated=shortened or bool(score.flags & 1),
            evidence=model.calibration,
            level=self._config.level,
        )

    def _load(self, source: Source | None) -> _Model | None:
        data = source if source is not None else default_bundle()
        if data is None:
            return None
        bundle = read_bundle(data)
        policy = self._policy if self._policy is not None else bundle.policy
        return _Model(
            bundle=bundle,
            scorer=open_scorer(bundle, self._config.max_tokens),
            calibration=bundle.calibration(),
            policy=policy,
            policy_id=policy.id,
            mismatch=_mismatch(policy, bundle),
        )

    def _draw_prefix(self) -> str:
        """Random, and drawn at the first decision: a memory snapshot must not hold it."""
        self._prefix = os.urandom(5).hex()
        return self._prefix

    @classmethod
    async def load(cls, config: RouterConfig | None = None, **options: Any) -> Self:
        """The same as the constructor, for callers that must not block: a browser's main thread."""
        await compile_ahead()
        return cls(config, **options)


def _doubt(score: TextScore, bundle: Bundle, mismatch: bool) -> Reason | None:
    """The reason to send a prompt to the powerful model whatever its score."""
    if score.n_seen == 0:
        return Reason.EMPTY_PROMPT
    base, slope = bundle.config.unfamiliar
    if score.surprisal > base + slope * score.n_seen:
        return Reason.UNFAMILIAR_INPUT
    return Reason.POLICY_MISMATCH if mismatch else None


def _mismatch(policy: Policy, bundle: Bundle) -> bool:
    return policy.bundle_hash is not None and policy.bundle_hash != bundle.bundle_hash


def _prompt(request: object) -> str:
    if isinstance(request, RoutingRequest):
        return request.prompt
    if isinstance(request, str):
        return str(request)
    raise InvalidInputError(
        f"request: a str or a RoutingRequest is needed, got {type(request).__name__}"
    )


def _checked(policy: Policy | None) -> Policy | None:
    if policy is not None and not isinstance(policy, Policy):
        raise InvalidInputError(f"policy: a Policy is needed, got {type(policy).__name__}")
    return policy


def _clock_tick() -> float:
    """Smallest step of the clock in seconds; infinite where it stands still (inside a Worker)."""
    start = perf_counter()
    for _ in range(20_000):
        step = perf_counter() - start
        if step > 0:
            return step
    return float("inf")

"""A loaded bundle: what scores by it, its resident candidates, its calibration and its rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple, Self

from .calibration.conformal import Calibration
from .candidates.packed_candidates import PackedCandidates
from .candidates.packed_lists import PackedLists
from .candidates.pool import Pools
from .candidates.residents import Residents
from .config import RouterConfig
from .errors import InvalidInputError
from .model import Bundle
from .policy import Gate, Policy, Rule
from .reason import Reason
from .request import Candidates
from .scoring.protocol import Scorer


class Reloaded(NamedTuple):
    """SHA-256 of the bundle before a reload and of the one after it."""

    before: str | None
    after: str


_OF_TRAFFIC: Final = (Reason.DRIFT_ALARM, Reason.POLICY_STALE)


@dataclass(frozen=True, slots=True)
class LoadedBundle:
    """All that a decision reads, behind one reference, so that no reader meets halves of two.

    Attributes:
        bundle: a validated bundle.
        scorer: what does its number work.
        models: names, cheapest first.
        residents: the resident candidates; None where the bundle scores none.
        lists: candidates of requests that came as lists of objects.
        rule: what the router decides by.
        calibrations: of texts and of candidates.
        level: of prediction sets.
        followed: the reading of the store that the rule was made by; None where it was not.
    """

    bundle: Bundle
    scorer: Scorer
    models: Sequence[str]
    residents: Residents | None
    lists: PackedLists
    rule: Rule
    calibrations: "Calibrations"
    level: float
    followed: object = None

    @classmethod
    def of(
        cls, bundle: Bundle, scorer: Scorer, config: RouterConfig, policy: Policy | None
    ) -> Self:
        """A bundle as the settings want it, with no resident candidates yet.

        Args:
            bundle: a validated bundle.
            scorer: made for it.
            config: the router's settings.
            policy: to decide by; the bundle's default where None.
        """
        gate = Gate(config.confidence_threshold, config.max_uncertainty)
        return cls(
            bundle,
            scorer,
            bundle.config.models,
            _make_residents(bundle, scorer),
            PackedLists(scorer),
            _make_rule(bundle, policy, gate if config.has_gate else None),
            Calibrations(bundle),
            config.level,
        )

    def make_rule(self, policy: Policy | None, doubt: Reason | None = None) -> Rule:
        """The rule of a policy over this bundle; of the bundle's default where None.

        Args:
            policy: to decide by.
            doubt: why it is not gone by; where it was made for another bundle, that is why.
        """
        return _make_rule(self.bundle, policy, None, doubt)

    def make_own_rule(self, policy: Policy) -> Rule:
        """The rule of a policy that a request names; a doubt about the traffic holds for it too.

        Not a mismatch: what is wrong there is the other policy alone.
        """
        doubt = self.rule.doubt
        return self.make_rule(policy, doubt if doubt in _OF_TRAFFIC else None)

    def get_pools(self, candidates: Candidates) -> Pools | None:
        """Candidates of a request as it chooses from them; None where there is nothing to choose.

        Raises:
            InvalidInputError: one is malformed; names it and its index.
        """
        if not candidates or self.residents is None:
            return None
        if not isinstance(candidates, PackedCandidates):
            candidates = self.lists.pack(candidates)
        return candidates.pools(self.residents.count_cap)

    def get_residents(self) -> Residents:
        """The resident candidates.

        Raises:
            InvalidInputError: the bundle scores none.
        """
        if self.residents is None:
            raise InvalidInputError("candidates: the loaded bundle scores none")
        return self.residents

    def take_residents(self, other: "LoadedBundle | None") -> None:
        """Hold the same resident candidates as another bundle does.

        Raises:
            InvalidInputError: there are some, and this bundle scores none.
        """
        wanted = list(other.residents or ()) if other is not None else []
        if wanted and self.residents is None:
            raise InvalidInputError("source: this bundle scores no candidates")
        if self.residents is not None and wanted != list(self.residents):
            self.residents.hold(self.residents.encode(wanted))

    def with_scorer(self, scorer: Scorer) -> Self:
        """The same with another scorer, which holds the same resident candidates."""
        residents = _make_residents(self.bundle, scorer)
        if residents is not None and self.residents:  # both scorers encode alike, so none is anew
            residents.hold(residents.encode(list(self.residents), self.residents))
        return replace(self, scorer=scorer, residents=residents, lists=PackedLists(scorer))


class Calibrations:
    """The calibration prompts of a bundle, each arranged when it is first looked at."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    @cached_property
    def texts(self) -> Calibration:
        """Those of texts."""
        return Calibration.of(self._bundle)

    @cached_property
    def candidates(self) -> Calibration | None:
        """Those of candidates; None where the bundle scores none."""
        has_candidates = self._bundle.config.candidate is not None
        return Calibration.of_candidates(self._bundle) if has_candidates else None


def _make_rule(
    bundle: Bundle, policy: Policy | None, gate: Gate | None, doubt: Reason | None = None
) -> Rule:
    if policy is None:
        policy = bundle.policy
    if policy.bundle_hash is not None and policy.bundle_hash != bundle.bundle_hash:
        doubt = Reason.POLICY_MISMATCH
    candidate = bundle.config.candidate
    return Rule(
        policy,
        doubt,
        gate,
        bundle.config.unfamiliar,
        candidate.threshold if candidate is not None else None,
    )


def _make_residents(bundle: Bundle, scorer: Scorer) -> Residents | None:
    candidate = bundle.config.candidate
    return Residents(scorer, candidate.count_cap) if candidate is not None else None

"""A model in service: a bundle, what scores by it, and how its numbers become a response."""

from collections.abc import Sequence
from dataclasses import dataclass

from .config import RouterConfig
from .model import Bundle
from .policy import Gate, Policy, by_gate, by_policy
from .response import Features, Reason, RoutingDecision, RoutingResponse
from .scoring.protocol import TRUNCATED, CandidateScorer, Ranking, TextScore


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides: a policy, or the classic gate in its place."""

    policy: Policy
    policy_id: str
    mismatch: bool
    gate: Gate | None = None

    @classmethod
    def of(cls, policy: Policy, bundle: Bundle, gate: Gate | None = None) -> "Rule":
        """The rule of a policy over a bundle; a gate takes its place where one is set."""
        mismatch = policy.bundle_hash is not None and policy.bundle_hash != bundle.bundle_hash
        return cls(policy, policy.id, mismatch and gate is None, gate)


class Served:
    """Everything a decision reads, so that a reload swaps one reference.

    Args:
        bundle: a validated bundle.
        scorer: what does its number work.
        config: the router's settings.
        policy: the rule to decide by; the bundle's default where None.
    """

    def __init__(
        self,
        bundle: Bundle,
        scorer: CandidateScorer,
        config: RouterConfig,
        policy: Policy | None,
    ) -> None:
        self.bundle = bundle
        self.scorer = scorer
        self.models = bundle.config.models
        self._gate = (
            Gate(config.confidence_threshold, config.max_uncertainty) if config.has_gate else None
        )
        self.follow(policy)
        self._calibration = bundle.calibration()
        self._level = config.level
        self._unfamiliar = bundle.config.unfamiliar
        self._candidate = bundle.config.candidate
        self._candidates = bundle.candidate_calibration() if self._candidate else None

    def follow(self, policy: Policy | None) -> None:
        """Decide by this policy from now on; by the bundle's default where None."""
        chosen = policy if policy is not None else self.bundle.policy
        self.rule = Rule.of(chosen, self.bundle, self._gate)

    def by_text(
        self, score: TextScore, decision_id: str, shortened: bool, policy: Policy | None
    ) -> RoutingResponse:
        """The decision that a text's numbers make.

        Args:
            score: the numbers.
            decision_id: names the decision.
            shortened: True where the text was cut before it was scored.
            policy: decide by this one instead of the router's.
        """
        rule = self.rule if policy is None else Rule.of(policy, self.bundle)
        confidence = score.probabilities[0]
        last = len(score.scores) - 1
        doubt = self._doubt(score, rule)
        gate = rule.gate
        if doubt is not None:
            choice, reason = last, doubt
        elif gate is not None:
            uncertainty = (
                self._calibration.uncertainty(confidence) if gate.uncertainty is not None else None
            )
            choice, reason = by_gate(confidence, uncertainty, gate, last)
        else:
            choice, reason = by_policy(score.scores, rule.policy)
        return RoutingResponse(
            decision_id=decision_id,
            use_lightweight=choice != last,
            model=self.models[choice],
            reason=reason,
            confidence=confidence,
            probabilities=score.probabilities,
            score=score.scores[0],
            threshold=rule.policy.threshold if gate is None else None,
            policy_id=rule.policy_id if gate is None else None,
            bundle_hash=self.bundle.bundle_hash,
            n_tokens=score.n_tokens,
            truncated=shortened or bool(score.flags & TRUNCATED),
            evidence=self._calibration,
            level=self._level,
        )

    def by_best(self, ranking: Ranking, decision_id: str) -> RoutingResponse:
        """The decision that the best candidate makes for a request without text."""
        if self._candidates is None or not ranking:
            reason = Reason.NOTHING_TO_SCORE if self._candidates is not None else Reason.NO_MODEL
            return RoutingResponse(
                decision_id=decision_id,
                use_lightweight=False,
                model=self.models[-1],
                reason=reason,
                bundle_hash=self.bundle.bundle_hash,
            )
        confidence = ranking[0].probability
        missed = self._missed(confidence)
        passed = Reason.BELOW_THRESHOLD if self.rule.gate is None else Reason.GATE_PASSED
        return RoutingResponse(
            decision_id=decision_id,
            use_lightweight=missed is None,
            model=self.models[0 if missed is None else -1],
            reason=missed or passed,
            confidence=confidence,
            score=1.0 - confidence,
            bundle_hash=self.bundle.bundle_hash,
            evidence=self._candidates,
            level=self._level,
        )

    def decisions(self, ranking: Ranking, ids: Sequence[str]) -> tuple[RoutingDecision, ...]:
        """The candidates of a ranking; `ids` are the names of those that were scored, in order."""
        table = self._candidates
        if table is None:
            return ()
        found = []
        for rank, row in enumerate(ranking):
            found.append(
                RoutingDecision(
                    candidate_id=ids[row.position],
                    confidence=row.probability,
                    use_lightweight=self._missed(row.probability) is None,
                    uncertainty=table.uncertainty(row.probability),
                    interval=table.interval(row.probability),
                    score=1.0 - row.probability,
                    rank=rank,
                    features=Features(*row[3:]),
                )
            )
        return tuple(found)

    def _doubt(self, score: TextScore, rule: Rule) -> Reason | None:
        """The reason to send a prompt to the powerful model whatever its score."""
        if score.n_seen == 0:
            return Reason.EMPTY_PROMPT
        base, slope = self._unfamiliar
        if score.surprisal > base + slope * score.n_seen:
            return Reason.UNFAMILIAR_INPUT
        return Reason.POLICY_MISMATCH if rule.mismatch else None

    def _missed(self, confidence: float) -> Reason | None:
        """The bound that a candidate of this confidence misses; None where it is good enough."""
        gate = self.rule.gate
        least = self._candidate.threshold if self._candidate else 1.0
        if gate is not None and gate.confidence is not None:
            least = gate.confidence
        if confidence < least:
            return Reason.ABOVE_THRESHOLD if gate is None else Reason.GATE_CONFIDENCE
        if gate is None or gate.uncertainty is None or self._candidates is None:
            return None
        uncertainty = self._candidates.uncertainty(confidence)
        return Reason.GATE_UNCERTAINTY if uncertainty > gate.uncertainty else None

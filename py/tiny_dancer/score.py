"""Scored: the numbers of one request, and what the calibration says of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .policy import Rule
from .policy.decide import reject_candidate
from .policy.preference import POWERFUL
from .response import Features, RoutingDecision
from .scoring.protocol import TRUNCATED, Ranking, TextScore

if TYPE_CHECKING:
    from .calibration.conformal import Calibration
    from .loaded_bundle import LoadedBundle

_NO_RANKING = Ranking()


class Scored:
    """What a bundle makes of a request; nothing was asked for it, and nothing is kept.

    The fields that `RoutingResponse` shows are described there; most are looked up on access.

    Args:
        loaded: what scored it; None where there is no bundle.
        rule: what these numbers are compared with; None where there is no bundle.
        started_at: reading of `perf_counter` when the request came.
        text: the bytes that were scored; None of a request without text.
        is_cut: True where the text was too long and its middle was left out.
        text_score: what the scorer made of the text.
        ranking: the best candidates.
        ids: names of all candidates that were scored, in order.
    """

    __slots__ = (
        "_decisions",
        "_is_cut",
        "_loaded",
        "_ranking",
        "_text_score",
        "ids",
        "models",
        "n_seen",
        "rule",
        "scores",
        "started_at",
        "surprisal",
        "text",
    )

    def __init__(
        self,
        loaded: "LoadedBundle | None",
        rule: Rule | None,
        started_at: float,
        text: bytes | None = None,
        is_cut: bool = False,
        text_score: TextScore | None = None,
        ranking: Ranking = _NO_RANKING,
        ids: Sequence[str] = (),
    ) -> None:
        self.rule = rule
        self.started_at = started_at
        self.text = text
        self.ids = ids
        self.models: Sequence[str] = (POWERFUL,) if loaded is None else loaded.models
        self.scores: Sequence[float] = ()
        self.n_seen = self.surprisal = 0
        if text_score is not None:
            self.scores = text_score.scores
            self.n_seen = text_score.n_seen
            self.surprisal = text_score.surprisal
        self._loaded = loaded
        self._is_cut = is_cut
        self._text_score = text_score
        self._ranking = ranking
        self._decisions: tuple[RoutingDecision, ...] | None = None

    @property
    def _probability(self) -> float | None:
        """What the calibration is asked about: of the light model, else of the best candidate."""
        if self._text_score is not None:
            return self._text_score.probabilities[0] if self.n_seen else None
        return self._ranking[0].probability if self._ranking else None

    @property
    def _calibration(self) -> "Calibration | None":
        if self._loaded is None:
            return None
        if self._text_score is not None:
            return self._loaded.calibration
        return self._loaded.candidate_calibration

    @property
    def confidence(self) -> float | None:
        """The light model's probability within its interval; else the best candidate's."""
        p, calibration = self._probability, self._calibration
        if p is None or calibration is None or self._text_score is None:
            return p
        return calibration.confidence(p)

    @property
    def uncertainty(self) -> float | None:
        """P-value of "light fails"."""
        p, calibration = self._probability, self._calibration
        return None if p is None or calibration is None else calibration.uncertainty(p)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Interval of the success rate near this probability."""
        p, calibration = self._probability, self._calibration
        return None if p is None or calibration is None else calibration.interval(p)

    @property
    def prediction_set(self) -> tuple[str, ...]:
        """Labels that cannot be ruled out at the router's level."""
        p, calibration, loaded = self._probability, self._calibration, self._loaded
        if p is None or calibration is None or loaded is None:
            return ()
        return calibration.prediction_set(p, loaded.level)

    @property
    def probabilities(self) -> Sequence[float]:
        """By model; empty where no text was read."""
        return self._text_score.probabilities if self._text_score and self.n_seen else ()

    @property
    def score(self) -> float | None:
        """Expected loss of the cheapest model, or of the best candidate."""
        if self._text_score is not None:
            return self.scores[0] if self.n_seen else None
        return 1.0 - self._ranking[0].probability if self._ranking else None

    @property
    def threshold(self) -> float | None:
        """The policy's, where a policy decided on a text."""
        return self.rule.policy.threshold if self.rule and self._is_by_policy else None

    @property
    def policy_id(self) -> str | None:
        """The policy's, where a policy decided on a text."""
        return self.rule.policy.id if self.rule and self._is_by_policy else None

    @property
    def _is_by_policy(self) -> bool:
        return self._text_score is not None and self.rule is not None and self.rule.gate is None

    @property
    def bundle_hash(self) -> str | None:
        """Of the bundle that scored."""
        return None if self._loaded is None else self._loaded.bundle.bundle_hash

    @property
    def n_tokens(self) -> int:
        """Tokens read."""
        return self._text_score.n_tokens if self._text_score is not None else 0

    @property
    def truncated(self) -> bool:
        """True where the text was longer than what was read."""
        score = self._text_score
        return score is not None and (self._is_cut or bool(score.flags & TRUNCATED))

    @property
    def head_inputs(self) -> Sequence[float]:
        """What the heads read; empty unless it was asked for."""
        return self._text_score.head_inputs if self._text_score is not None else ()

    @property
    def candidates_processed(self) -> int:
        """Candidates that were scored."""
        return len(self.ids)

    @property
    def decisions(self) -> tuple[RoutingDecision, ...]:
        """The best candidates, best first; made once."""
        if self._decisions is None:
            self._decisions = self._decide_candidates()
        return self._decisions

    def _decide_candidates(self) -> tuple[RoutingDecision, ...]:
        rule, loaded = self.rule, self._loaded
        calibration = loaded.candidate_calibration if loaded is not None else None
        if rule is None or calibration is None:
            return ()
        decisions = []
        for rank, row in enumerate(self._ranking):
            uncertainty = calibration.uncertainty(row.probability)
            decisions.append(
                RoutingDecision(
                    candidate_id=self.ids[row.position],
                    confidence=row.probability,
                    use_lightweight=reject_candidate(row.probability, uncertainty, rule) is None,
                    uncertainty=uncertainty,
                    interval=calibration.interval(row.probability),
                    score=1.0 - row.probability,
                    rank=rank,
                    features=Features(*row[3:]),
                )
            )
        return tuple(decisions)

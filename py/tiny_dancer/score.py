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
_new = tuple.__new__
"""Makes a named tuple in half the time."""


class Scored:
    """What a bundle makes of a request; nothing was asked for it, and nothing is kept.

    The fields that `RoutingResponse` shows are described there; most are looked up on access.

    Args:
        loaded: what scored it; None where there is no bundle.
        rule: what these numbers are compared with; None where there is no bundle.
        started_at: reading of `perf_counter` when the request came.
        text: the bytes that were scored, where the history asks for them; else None.
        is_cut: True where the text was too long and its middle was left out.
        text_score: what the scorer made of the text.
        ranking: the best candidates.
        ids: names of all candidates that were scored, in order.

    Attributes:
        models: names, cheapest first.
    """

    __slots__ = (
        "_is_cut",
        "_loaded",
        "_ranking",
        "ids",
        "models",
        "rule",
        "started_at",
        "text",
        "text_score",
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
        self._loaded = loaded
        self.models = (POWERFUL,) if loaded is None else loaded.models
        self.rule = rule
        self.started_at = started_at
        self.text = text
        self._is_cut = is_cut
        self.text_score = text_score
        self._ranking = ranking
        self.ids = ids

    @property
    def _probability(self) -> float | None:
        """What the calibration is asked about: of the light model, else of the best candidate."""
        if self.text_score is not None:
            return self.text_score.probabilities[0] if self.text_score.n_seen else None
        return self._ranking.best_probability

    @property
    def _calibration(self) -> "Calibration | None":
        if self._loaded is None:
            return None
        if self.text_score is not None:
            return self._loaded.calibrations.texts
        return self._loaded.calibrations.candidates

    @property
    def confidence(self) -> float | None:
        """The light model's probability within its interval; else the best candidate's."""
        if self.text_score is None:
            return self._ranking.best_probability
        p, calibration = self._probability, self._calibration
        return p if p is None or calibration is None else calibration.confidence(p)

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
        text = self.text_score
        return text.probabilities if text is not None and text.n_seen else ()

    @property
    def score(self) -> float | None:
        """Expected loss of the cheapest model, or of the best candidate."""
        text = self.text_score
        if text is not None:
            return text.scores[0] if text.n_seen else None
        best = self._ranking.best_probability
        return None if best is None else 1.0 - best

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
        return self.text_score is not None and self.rule is not None and self.rule.gate is None

    @property
    def bundle_hash(self) -> str | None:
        """Of the bundle that scored."""
        return None if self._loaded is None else self._loaded.bundle.bundle_hash

    @property
    def n_tokens(self) -> int:
        """Tokens read."""
        return self.text_score.n_tokens if self.text_score is not None else 0

    @property
    def truncated(self) -> bool:
        """True where the text was longer than what was read."""
        score = self.text_score
        return score is not None and (self._is_cut or bool(score.flags & TRUNCATED))

    @property
    def head_inputs(self) -> Sequence[float]:
        """What the heads read; empty unless it was asked for."""
        return self.text_score.head_inputs if self.text_score is not None else ()

    @property
    def candidates_processed(self) -> int:
        """Candidates that were scored."""
        return len(self.ids)

    @property
    def decisions(self) -> tuple[RoutingDecision, ...]:
        """The best candidates, best first."""
        rule, loaded = self.rule, self._loaded
        calibration = loaded.calibrations.candidates if loaded is not None else None
        if rule is None or calibration is None:
            return ()
        ids = self.ids
        decisions: list[RoutingDecision] = []
        for position, _, p, *features in self._ranking.rows():
            uncertainty = calibration.uncertainty(p)
            decision = (
                ids[position],
                p,
                reject_candidate(p, uncertainty, rule) is None,
                uncertainty,
                calibration.interval(p),
                1.0 - p,
                len(decisions),
                _new(Features, features),
            )
            decisions.append(_new(RoutingDecision, decision))
        return tuple(decisions)

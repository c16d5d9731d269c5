"""What came in: requests over time, how many of them the router sends to the light model."""

from array import array
from dataclasses import dataclass, field
from typing import Final

from ..history.records import DecisionRecord
from ..policy import POWERFUL
from ..reason import DOUBTS, Reason

WIDTHS_S: Final = (60.0, 300.0, 900.0, 3_600.0, 21_600.0, 86_400.0, 604_800.0)
"""Spans that a picture counts requests in."""

MOST_SPANS: Final = 60
NEVER: Final = 3.0
"""Score that stands for "powerful whatever the policy": above every threshold."""

MOST_TIMES: Final = 50_000
"""Times of decisions that quantiles are taken from, the newest."""


@dataclass(frozen=True, slots=True)
class Span:
    """Requests that the router decided on from `at` on, and those for the light model."""

    at: float
    requests: int
    light: int


@dataclass(slots=True)
class Traffic:
    """Decisions, one after the other.

    Attributes:
        powerful: name of the powerful model.
        scores: routing scores of those the router decided on; `NEVER` where it had doubt.
        light: how many of them went to the light model, or would have gone.
        observed: how many of them it only looked on at.
        named: requests for a model by its name, or with the router off: it decided nothing.
        first_at, last_at: seconds since 1970.
    """

    powerful: str = POWERFUL
    scores: "array[float]" = field(default_factory=lambda: array("d"))
    light: int = 0
    observed: int = 0
    named: int = 0
    first_at: float | None = None
    last_at: float | None = None
    _minutes: dict[int, list[int]] = field(default_factory=dict)
    _times: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, record: DecisionRecord) -> None:
        """Count a decision."""
        if record.reason == Reason.FORCED:
            self.named += 1
            return
        reason = record.would_reason or record.reason
        is_light = record.use_lightweight
        if record.would is not None:
            self.observed += 1
            is_light = record.would != self.powerful
        has_doubt = record.score is None or reason in DOUBTS
        self.scores.append(NEVER if record.score is None or has_doubt else record.score)
        self.light += is_light
        self.first_at = record.at if self.first_at is None else min(self.first_at, record.at)
        self.last_at = record.at if self.last_at is None else max(self.last_at, record.at)
        minute = self._minutes.setdefault(int(record.at // WIDTHS_S[0]), [0, 0])
        minute[0] += 1
        minute[1] += is_light
        if record.inference_time_us is not None:
            self._times.append(record.inference_time_us)
            if len(self._times) > 2 * MOST_TIMES:
                del self._times[:MOST_TIMES]

    @property
    def requests(self) -> int:
        """Those the router decided on, or would have."""
        return len(self.scores)

    @property
    def light_share(self) -> float | None:
        """Share that went to the light model or would have gone; None before the first."""
        return self.light / self.requests if self.requests else None

    def light_share_at(self, threshold: float) -> float | None:
        """Share that would go to the light model at another threshold."""
        return sum(s <= threshold for s in self.scores) / self.requests if self.requests else None

    def quantile_us(self, q: float) -> float | None:
        """Microseconds that a share q of the decisions did not exceed."""
        times = sorted(self._times[-MOST_TIMES:])
        return times[min(len(times) - 1, int(q * len(times)))] if times else None

    def list_spans(self) -> list[Span]:
        """Requests over time, in at most 60 spans of one width."""
        if self.first_at is None or self.last_at is None:
            return []
        lasted = self.last_at - self.first_at
        width = next((w for w in WIDTHS_S if lasted / w < MOST_SPANS), WIDTHS_S[-1])
        counts: dict[int, list[int]] = {}
        for minute, (requests, light) in self._minutes.items():
            count = counts.setdefault(int(minute * WIDTHS_S[0] // width), [0, 0])
            count[0] += requests
            count[1] += light
        whole = range(min(counts), max(counts) + 1)
        return [Span(n * width, *counts.get(n, (0, 0))) for n in whole]

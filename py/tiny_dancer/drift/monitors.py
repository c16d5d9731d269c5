"""The two monitors of one certified policy, as they are kept between looks at a store."""

import json
from hashlib import sha256
from typing import Any, Final, Self

from ..calibration.paired_outcome import PairedOutcome
from ..errors import InvalidInputError, StoreCorruptError
from ..policy import Policy
from ..strict_json import parse_object
from .capital import Capital
from .drift import RATE, Drift, Evidence
from .loss import FRACTIONS, gains_of
from .scores import BINS, SLOPES, Bag, gains_at, uniform_of

VERSION: Final = 1
SEEN: Final = 2_048
"""Prompts whose outcome is remembered, so that asking again adds no evidence."""
HASH_CHARS: Final = 12
"""Of a hash of a prompt, or of a decision's name."""


class Monitors:
    """Evidence that a policy's certificate no longer holds, and that traffic is another.

    Args:
        policy: with a certificate and its target.
        rate: probability that either monitor ever speaks up although nothing has changed; each
            has half of it.

    Attributes:
        policy_id: whose they are.
        outcomes_to, decisions_to: numbers of the last rows of the store that were read.
        since: when they began, in seconds since 1970. An outcome reported before is no evidence,
            though its row be new: a slow writer may store again what is stored.
    """

    def __init__(self, policy: Policy, rate: float = RATE) -> None:
        """Start with no evidence."""
        assert policy.target is not None
        self.policy_id = policy.id
        self.outcomes_to = self.decisions_to = 0
        self.since = 0.0
        self._target, self._threshold = policy.target, policy.threshold
        self._bound = 2 / rate
        self._loss = Capital([0.0] * len(FRACTIONS))
        self._scores = Capital([0.0] * len(SLOPES))
        self._bag = Bag()
        self._seen: dict[str, None] = {}
        self._alarm_at: float | None = None
        self._warning_at: float | None = None

    def take_outcome(self, outcome: PairedOutcome, now: float, decision_id: str) -> None:
        """A graded outcome that the policy was not calibrated with.

        A prompt counts once; one of which no hash is kept counts once a decision, since an outcome
        that is added to is read again.
        """
        prompt = outcome.prompt
        if prompt is None:  # names begin alike, hashes of them do not
            prompt = sha256(decision_id.encode("utf-8", "surrogatepass")).hexdigest()
        name = prompt[:HASH_CHARS]
        if name in self._seen:
            return
        gains = gains_of(outcome, self._target, self._threshold)
        if gains is None:
            return
        self._seen[name] = None
        if len(self._seen) > SEEN:
            del self._seen[next(iter(self._seen))]
        self._loss.add(gains)
        if self._alarm_at is None and self._loss.value >= self._bound:
            self._alarm_at = now

    def take_score(self, score: float, decision_id: str, now: float) -> None:
        """The routing score of a decision."""
        self._scores.add(gains_at(self._bag.add(score, uniform_of(decision_id))))
        if self._warning_at is None and self._scores.value >= self._bound:
            self._warning_at = now

    def read(self) -> Drift:
        """What they say."""
        return Drift(
            self.policy_id,
            Evidence(self._loss.n, self._loss.value, self._bound, self._alarm_at),
            Evidence(self._scores.n, self._scores.value, self._bound, self._warning_at),
        )

    def to_json(self) -> str:
        """The form kept in a store."""
        return json.dumps(
            {
                "version": VERSION,
                "policy_id": self.policy_id,
                "outcomes_to": self.outcomes_to,
                "decisions_to": self.decisions_to,
                "since": self.since,
                "loss": {"n": self._loss.n, "capital": self._loss.amounts},
                "scores": {"n": self._scores.n, "capital": self._scores.amounts},
                "bag": {str(at): n for at, n in sorted(self._bag.counts.items())},
                "seen": "".join(self._seen),
                "alarm_at": self._alarm_at,
                "warning_at": self._warning_at,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str, policy: Policy, rate: float = RATE) -> Self | None:
        """Read what `to_json` wrote; None where it is of another policy.

        Raises:
            StoreCorruptError: not such a text; the message names the fault.
        """
        try:
            raw = parse_object(text)
            if raw.get("version") != VERSION:
                raise InvalidInputError(f"version: {VERSION} is needed")
            if raw["policy_id"] != policy.id:
                return None
            found = cls(policy, rate)
            found._fill(raw)
        except (KeyError, TypeError, ValueError, AttributeError, InvalidInputError) as error:
            raise StoreCorruptError(f"drift: {error}") from None
        return found

    def _fill(self, raw: dict[str, Any]) -> None:
        self.outcomes_to = _count(raw["outcomes_to"])
        self.decisions_to = _count(raw["decisions_to"])
        self.since = _time(raw.get("since")) or 0.0
        self._loss = _capital(raw["loss"], len(FRACTIONS))
        self._scores = _capital(raw["scores"], len(SLOPES))
        counts = {int(at): _count(n) for at, n in raw["bag"].items()}
        if any(not 0 <= at < BINS for at in counts):
            raise InvalidInputError(f"bag: bins from 0 to {BINS - 1} are needed")
        self._bag = Bag(counts)
        seen = str(raw["seen"])[: SEEN * HASH_CHARS]
        starts = range(0, len(seen), HASH_CHARS)
        self._seen = dict.fromkeys(seen[at : at + HASH_CHARS] for at in starts)
        self._alarm_at, self._warning_at = _time(raw["alarm_at"]), _time(raw["warning_at"])


def _capital(raw: dict[str, Any], bets: int) -> Capital:
    amounts = [float(amount) for amount in raw["capital"]]
    if len(amounts) != bets or not all(0.0 <= a <= 1e300 for a in amounts):
        raise InvalidInputError(f"capital: {bets} amounts of at least 0 are needed")
    return Capital(amounts, _count(raw["n"]))


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise InvalidInputError(f"a whole number is needed, got {value!r:.40}")
    return value


def _time(value: object) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InvalidInputError(f"a time is needed, got {value!r:.40}")
    return value

"""The rule a router decides by: a threshold, what it was chosen for, and what is known about it."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any, Final, Self

from ..checks import shown
from ..errors import InvalidInputError, PolicyError
from ..strict_json import parse_object

VERSION: Final = 1
MEASURES: Final = ("quality_kept", "cost", "regret", "joint", "selective", "missed_failures")


@dataclass(frozen=True, slots=True)
class Target:
    """What a threshold was chosen for.

    Attributes:
        measure: `quality_kept`, `cost` (money per 1,000 prompts) or one of the four rates.
        value: the goal; in [0, 1] for all but `cost`.
    """

    measure: str
    value: float

    def __post_init__(self) -> None:
        """Check the name and the range."""
        _one_of("target.measure", self.measure, MEASURES)
        _number("target.value", self.value, 0.0, 1e9 if self.measure == "cost" else 1.0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Point estimates on `n` prompts the model was not trained on. No guarantee.

    Attributes:
        quality_kept: E[quality of the routed answers] / E[quality of the powerful model's].
        light_share: share of prompts that go to a model other than the powerful one.
        n: number of prompts.
    """

    quality_kept: float
    light_share: float
    n: int

    def __post_init__(self) -> None:
        """Check the ranges."""
        _number("estimate.quality_kept", self.quality_kept, 0.0, 1e9)
        _number("estimate.light_share", self.light_share, 0.0, 1.0)
        _count("estimate.n", self.n)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A bound that holds with probability 1 - delta over the calibration sample.

    Attributes:
        rate: the bounded rate, one of the four or `quality_kept`.
        alpha: the bound.
        delta: probability that the bound does not hold.
        n: outcomes it rests on.
        bound: name of the inequality.
        method: name of the procedure.
        data_hash: SHA-256 of the outcomes.
        bundle_hash: SHA-256 of the bundle whose scores were used.
        date: day it was made, ISO 8601.
    """

    rate: str
    alpha: float
    delta: float
    n: int
    bound: str
    method: str
    data_hash: str
    bundle_hash: str
    date: str

    def __post_init__(self) -> None:
        """Check the ranges."""
        _one_of("certificate.rate", self.rate, MEASURES)
        _number("certificate.alpha", self.alpha, 0.0, 1e9 if self.rate == "cost" else 1.0)
        _number("certificate.delta", self.delta, 0.0, 1.0)
        _count("certificate.n", self.n)
        for name in ("bound", "method", "data_hash", "bundle_hash", "date"):
            _text(f"certificate.{name}", getattr(self, name))

    @property
    def confidence(self) -> str:
        """1 - delta for a person, such as "95%"; what is short of it is never told as "100%"."""
        return f"{min(100 * (1 - self.delta), 99.99 if self.delta else 100):.4g}%"


@dataclass(frozen=True, slots=True)
class Policy:
    """Light iff the routing score is at most `threshold` (the cheapest such model of several).

    Attributes:
        threshold: bound on the routing score, in [-2, 2]; at -2 everything is powerful.
        target: what it was chosen for, or None.
        estimate: point estimates, or None.
        certificate: a guarantee, or None.
        bundle_hash: the bundle whose scores it is for; None fits any.
    """

    threshold: float
    target: Target | None = None
    estimate: Estimate | None = None
    certificate: Certificate | None = None
    bundle_hash: str | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        _number("threshold", self.threshold, -2.0, 2.0)
        for name, kind in _PARTS.items():
            part = getattr(self, name)
            if part is not None and not isinstance(part, kind):
                raise PolicyError(f"{name}: a {kind.__name__} or None is needed, got {part!r:.40}")
        if self.bundle_hash is not None:
            _text("bundle_hash", self.bundle_hash)

    @property
    def id(self) -> str:
        """A short name made from the content, the same for equal policies."""
        return _id(self)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form, with its version."""
        return {"version": VERSION, **asdict(self)}

    def to_json(self) -> str:
        """The form kept in files."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            PolicyError: not a policy; the message names the fault.
        """
        try:
            raw = parse_object(text)
        except (ValueError, TypeError) as error:  # a store may give what is no text
            raise PolicyError(f"not JSON: {error}") from None
        return cls.from_dict(raw)

    @classmethod
    def from_dict(cls, raw: object) -> Self:
        """Build and check a policy from its JSON-ready form.

        Raises:
            PolicyError: not a policy; the message names the fault.
        """
        values = dict(_object("policy", raw))
        version = values.pop("version", None)
        if type(version) is not int or version != VERSION:
            raise PolicyError(f"version: {VERSION} is needed, got {version!r:.40}")
        _known("policy", values, cls)
        for name, kind in _PARTS.items():
            if values.get(name) is not None:
                part = _object(name, values[name])
                _known(name, part, kind)
                values[name] = kind(**part)
        return cls(**values)


def check_policy(policy: Policy) -> Policy:
    """The policy.

    Raises:
        InvalidInputError: it is something else.
    """
    if not isinstance(policy, Policy):
        raise InvalidInputError(f"policy: a Policy is needed, got {type(policy).__name__}")
    return policy


@lru_cache(64)
def _id(policy: Policy) -> str:
    text = json.dumps(policy.to_dict(), sort_keys=True, separators=(",", ":"))
    return "p-" + hashlib.sha256(text.encode()).hexdigest()[:12]


_PARTS: Final[dict[str, type[Target | Estimate | Certificate]]] = {
    "target": Target,
    "estimate": Estimate,
    "certificate": Certificate,
}


def _object(name: str, raw: object) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise PolicyError(f"{name}: a JSON object is needed, got {type(raw).__name__}")
    return raw


def _known(name: str, values: dict[str, Any], kind: type[Any]) -> None:
    optional = 4 if kind is Policy else 0
    names = [field.name for field in fields(kind)]
    if unknown := values.keys() - set(names):
        raise PolicyError(f"{name}: unknown name {min(unknown)!r:.40}")
    if missing := set(names[: len(names) - optional]) - values.keys():
        raise PolicyError(f"{name}: {min(missing)} is missing")


def _number(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise PolicyError(
            f"{name}: a number in [{low:g}, {high:g}] is needed, got {shown(value, 40)}"
        )


def _count(name: str, value: object) -> None:
    if type(value) is not int or value < 0:
        raise PolicyError(f"{name}: a whole number is needed, got {shown(value, 40)}")


def _text(name: str, value: object) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise PolicyError(
            f"{name}: a text of 1 to 200 characters is needed, got {shown(value, 40)}"
        )


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise PolicyError(f"{name}: one of {', '.join(allowed)} is needed, got {shown(value, 40)}")

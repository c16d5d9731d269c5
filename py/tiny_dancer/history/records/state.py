"""States that processes share, and what happened when one was replaced."""

from dataclasses import dataclass
from typing import Final

from ...checks import check_count, check_name, check_number, check_text

MAX_STATE_CHARS: Final = 1 << 20
"""Bound of a state's or an event's text."""

CLAIMS: Final = "shadowed"
"""Kind of state that says a prompt has made its pair: by its hash, with the decision's id."""

TEXTS: Final = "pair_texts"
"""Kind of state that holds the texts of a pair by its decision, where they are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRecord:
    """A shared state: a breaker's, the policy of a bundle, a drift monitor's.

    Attributes:
        kind: `breaker`, `policy`, `drift`, `shadow`, `shadowed` or `pair_texts`.
        name: the model's, or the bundle's hash, or whatever the kind goes by.
        version: 1 for the first; each swap adds one.
        text: JSON, at most `MAX_STATE_CHARS` characters.
    """

    kind: str
    name: str
    version: int
    text: str

    def __post_init__(self) -> None:
        """Check every field."""
        _check_state(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """What happened in one swap of a state, such as a breaker's change of mode.

    Attributes:
        kind: the state's.
        name: the state's.
        version: of the state after the swap.
        n: 0 for the first event of that swap.
        at: when.
        text: JSON.
    """

    kind: str
    name: str
    version: int
    n: int
    at: float
    text: str

    def __post_init__(self) -> None:
        """Check every field."""
        _check_state(self)
        check_count("n", self.n)
        check_number("at", self.at)


def _check_state(record: StateRecord | EventRecord) -> None:
    check_name("kind", record.kind)
    check_name("name", record.name)
    check_count("version", record.version)
    check_text("text", record.text, MAX_STATE_CHARS)

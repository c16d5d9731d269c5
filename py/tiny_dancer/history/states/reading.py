"""What was read of a store at one look, put into service whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...policy import Policy

if TYPE_CHECKING:
    from ...drift import Drift


@dataclass(frozen=True, eq=False)
class Reading:
    """The shared policies, and what the monitors say of the one in service.

    Attributes:
        policies: text and policy by bundle.
        unreadable: bundles whose stored policy could not be read: they send everything to the
            powerful model.
        drift: of the certified policy in service; None where there is none.
    """

    policies: Mapping[str, tuple[str, Policy]] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    drift: "Drift | None" = None

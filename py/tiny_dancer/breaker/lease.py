"""What lets one request through to a model that is half-open."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lease:
    """Permission to send one probe to a model; hand it to `route` and `report`.

    Attributes:
        model: the model's name.
        id: names the lease.
        expires_at: seconds; from then on it is worth nothing.
    """

    model: str
    id: str
    expires_at: float

"""Errors a caller can handle. Every one derives from `TinyDancerError`."""


class TinyDancerError(Exception):
    """Base of all errors this package raises on purpose."""


class InvalidInputError(TinyDancerError, ValueError):
    """A call was malformed: a wrong type, size or range. The message names the argument."""


class BundleError(TinyDancerError):
    """A file is not a valid bundle. The message names the fault and where it lies."""


class PolicyError(TinyDancerError):
    """A policy is malformed, or what was asked needs a calibration that has not been made."""


class NotEnoughData(PolicyError):
    """The outcomes do not suffice to certify a target; the router stays where it was.

    Attributes:
        wish: the target, such as `quality_kept 0.95`.
        fewest: further outcomes needed if none of them loses anything; None where no number does.
        at_this_rate: further outcomes needed at today's rate; None where no number does.
    """

    def __init__(
        self, wish: str, fewest: int | None, at_this_rate: int | None, *, has_none: bool = False
    ) -> None:
        self.wish, self.fewest, self.at_this_rate = wish, fewest, at_this_rate
        if fewest is None:
            text = "no number of further outcomes would certify it"
        elif has_none:  # nothing is known of a rate
            text = f"none counts yet: {fewest:,} further outcomes with a score of every model are "
            text += "missing at least"
        elif at_this_rate is None:
            text = f"at least {fewest:,} further outcomes without a loss are missing"
            text += "; at the rate so far no number would do"
        else:
            text = f"{fewest:,} further outcomes are missing if none loses anything, "
            text += f"{at_this_rate:,} at the rate so far"
        super().__init__(f"{wish}: {text}")


class KernelError(TinyDancerError):
    """The WebAssembly kernel could not be started, or refused or failed a call."""


class StoreError(TinyDancerError):
    """A history store could not do what was asked."""


class StoreFullError(StoreError):
    """The queue of records that must not be dropped is full, or the store has no space left."""


class StoreLockedError(StoreError):
    """Another writer holds the store and did not let go in time."""


class StoreCorruptError(StoreError):
    """The stored data is damaged."""


class SchemaError(StoreError):
    """The store was written by a newer version of this package."""

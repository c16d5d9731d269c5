"""Errors a caller can handle. Every one derives from `TinyDancerError`."""


class TinyDancerError(Exception):
    """Base of all errors this package raises on purpose."""


class InvalidInputError(TinyDancerError, ValueError):
    """A call was malformed: a wrong type, size or range. The message names the argument."""


class BundleError(TinyDancerError):
    """A file is not a valid bundle. The message names the fault and where it lies."""


class PolicyError(TinyDancerError):
    """A policy is malformed, or what was asked needs a calibration that has not been made."""


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

"""Arguments of the package's calls, read from JSON and from one buffer of numbers."""

from array import array
from collections.abc import Mapping
from typing import Any, Final

from tiny_dancer import RouterConfig
from tiny_dancer.candidates.candidate import Candidate
from tiny_dancer.config import BreakerConfig, HistoryConfig, Price
from tiny_dancer.errors import InvalidInputError

_REQUIRED: Final = ("id", "created_at", "success_rate")


class Numbers:
    """The numbers of a call, taken from the front.

    Args:
        vectors: a Float32Array.
    """

    def __init__(self, vectors: Any) -> None:
        self._numbers = array("f", vectors.to_bytes())
        self._taken = 0

    def take(self, length: int) -> "array[float]":
        """The next so many."""
        start = self._taken
        self._taken += length
        return self._numbers[start : self._taken]


def read_config(fields: dict[str, Any]) -> RouterConfig:
    """The configuration of these keyword arguments, nested ones included."""
    if "breaker" in fields:
        fields["breaker"] = BreakerConfig(**fields["breaker"])
    if "history" in fields:
        settings = fields["history"]
        prices = {model: Price(**price) for model, price in settings.pop("prices", {}).items()}
        fields["history"] = HistoryConfig(**settings, prices=prices)
    return RouterConfig(**fields)


def read_candidates(rows: list[dict[str, Any]], numbers: Numbers) -> list[Candidate]:
    """The candidates of these rows; an error names the row."""
    candidates = []
    for at, row in enumerate(rows):
        try:
            candidates.append(read_candidate(row, numbers))
        except InvalidInputError as error:
            raise InvalidInputError(f"candidate {at}: {error}") from None
    return candidates


def read_candidate(row: dict[str, Any], numbers: Numbers) -> Candidate:
    """The candidate of a row."""
    fields = insert_embedding(row, numbers)
    for name in _REQUIRED:
        if name not in fields:
            raise InvalidInputError(f"{name}: it is needed")
    try:
        return Candidate(**fields)
    except TypeError as error:  # a field that no candidate has
        raise InvalidInputError(str(error)) from None


def insert_embedding(row: Mapping[str, Any], numbers: Numbers) -> dict[str, Any]:
    """The fields with the vector in the place of its length."""
    length = row.get("embedding")
    return {**row, "embedding": numbers.take(length)} if length is not None else dict(row)

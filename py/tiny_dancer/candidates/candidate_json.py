"""Candidates as JSON objects."""

from dataclasses import fields
from typing import Any

from ..errors import InvalidInputError
from .candidate import Candidate

_NAMES = tuple(field.name for field in fields(Candidate) if field.name != "_")


def candidate_of(row: Any, where: str) -> Candidate:
    """The candidate of an object with its fields.

    Raises:
        InvalidInputError: it is malformed; names where it stands.
    """
    if not isinstance(row, dict):
        raise InvalidInputError(f"{where}: an object is needed")
    try:
        return Candidate(**row)
    except TypeError:
        raise InvalidInputError(f"{where}: the fields are {', '.join(_NAMES)}") from None
    except InvalidInputError as error:
        raise InvalidInputError(f"{where}: {error}") from None


def row_of(candidate: Candidate) -> dict[str, Any]:
    """The object of a candidate."""
    row = {name: getattr(candidate, name) for name in _NAMES}
    embedding = row["embedding"]
    row["embedding"] = None if embedding is None else list(embedding)
    row["metadata"] = dict(row["metadata"])
    return {name: value for name, value in row.items() if value is not None}


def measure(candidate: Candidate) -> int:
    """Bytes of its vector, characters of its texts."""
    texts = (candidate.id, candidate.text or "", *candidate.metadata, *candidate.metadata.values())
    return 4 * len(candidate.embedding or ()) + sum(map(len, texts))

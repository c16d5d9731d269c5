"""What goes into a decision: a request as users write it, and as the router takes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from .candidates.candidate import Candidate, query_vector
from .candidates.packed_candidates import PackedCandidates
from .candidates.pool import MAX_K
from .checks import shown
from .errors import InvalidInputError

Candidates: TypeAlias = Sequence[Candidate] | PackedCandidates


@dataclass(frozen=True, slots=True)
class RoutingRequest:
    """One thing to route: a prompt, a query vector, or both.

    Args:
        prompt: the text a user would send, of any length; may be empty.
        query_embedding: numbers to compare with the candidates' vectors.
        candidates: what could serve it; None for the router's resident candidates.
        metadata: key=value pairs, compared with those of the candidates.
        top_k: how many candidates to return, 1 to 64; None for all, at most 64.

    Raises:
        InvalidInputError: a field has the wrong type or range.
    """

    prompt: str | None = None
    query_embedding: Any = None
    candidates: Candidates | None = None
    metadata: Mapping[str, str] | None = None
    top_k: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is malformed; the vector is checked when it is compared."""
        if self.prompt is None and self.query_embedding is None:
            raise InvalidInputError("prompt: a prompt or a query_embedding is needed")
        if self.prompt is not None and not isinstance(self.prompt, str):
            raise InvalidInputError(f"prompt: a str is needed, got {type(self.prompt).__name__}")
        check_candidates(self.candidates)
        check_options(self.top_k, self.metadata)


def check_candidates(value: object) -> None:
    """Refuse what is no list of candidates; those in it are checked as they are packed.

    Raises:
        InvalidInputError: says what came.
    """
    if value is None or isinstance(value, PackedCandidates | list | tuple):
        return
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise InvalidInputError(
            f"candidates: a list of Candidate, or PackedCandidates, is needed, "
            f"got {type(value).__name__}"
        )


def list_candidates(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates that something gives.

    Raises:
        InvalidInputError: it gives none; says what came.
    """
    try:
        return list(candidates)
    except TypeError:
        got = type(candidates).__name__
        raise InvalidInputError(f"candidates: a list of Candidate is needed, got {got}") from None


def check_options(top_k: object, metadata: object) -> None:
    """Refuse a malformed number of candidates or malformed key=value pairs.

    Raises:
        InvalidInputError: names the one.
    """
    if top_k is not None and (type(top_k) is not int or not 1 <= top_k <= MAX_K):
        raise InvalidInputError(f"top_k: an int from 1 to {MAX_K} is needed, got {shown(top_k)}")
    if metadata is not None and not is_metadata(metadata):
        raise InvalidInputError("metadata: a mapping of names to texts is needed")


def is_metadata(value: object) -> bool:
    """True for a mapping of str to str."""
    if type(value) is not dict and not isinstance(value, Mapping):
        return False
    for key, text in value.items():
        if not isinstance(key, str) or not isinstance(text, str):
            return False
    return True


def check_query(request: object) -> Any:
    """A query vector that a request was, as a scorer takes it.

    Raises:
        InvalidInputError: it is no str, query vector or `RoutingRequest`.
    """
    try:
        return query_vector(request)
    except InvalidInputError as error:
        raise InvalidInputError(
            "request: a str, a query vector or a RoutingRequest is needed, "
            f"got {type(request).__name__} ({error})"
        ) from None


def check_length(query: Any, dimension: int) -> Any:
    """A query of the candidates' dimension.

    Raises:
        InvalidInputError: it has not as many numbers.
    """
    if len(query) != dimension:
        raise InvalidInputError(
            f"query_embedding: it has {len(query)} numbers, the candidates have {dimension}"
        )
    return query


def check_needs_no_query(dimension: int, text_dimension: int) -> None:
    """Refuse candidates that a text's own embedding cannot be compared with.

    Raises:
        InvalidInputError: their vectors have another dimension.
    """
    if dimension != text_dimension:
        raise InvalidInputError(
            f"query_embedding: it is needed, the candidates have vectors of {dimension} numbers"
        )

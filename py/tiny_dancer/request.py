"""What goes into a decision: a request as users write it, and as the router takes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias

from .candidates.candidate import Candidate, query_vector
from .candidates.packed_candidates import PackedCandidates
from .checks import shown
from .errors import InvalidInputError

Candidates: TypeAlias = Sequence[Candidate] | PackedCandidates

MAX_K: Final = 64
"""Candidates that a response holds at most."""


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


class CheckedRequest(NamedTuple):
    """A checked request that no user sees: the fields of `RoutingRequest` at a third of its price.

    Its `query_embedding` is what `query_vector` gives.
    """

    prompt: str | None
    query_embedding: Any
    candidates: Candidates | None
    metadata: Mapping[str, str] | None
    top_k: int | None


def as_request(
    request: object,
    candidates: Candidates | None,
    top_k: int | None,
    metadata: Mapping[str, str] | None,
) -> RoutingRequest | CheckedRequest:
    """The request; the other arguments take the place of its fields.

    Raises:
        InvalidInputError: it is no str, query vector or `RoutingRequest`, or a field is malformed.
    """
    if isinstance(request, RoutingRequest):
        return replace(
            request,
            candidates=request.candidates if candidates is None else candidates,
            metadata=request.metadata if metadata is None else metadata,
            top_k=request.top_k if top_k is None else top_k,
        )
    check_candidates(candidates)
    check_options(top_k, metadata)
    if isinstance(request, str):
        return CheckedRequest(str(request), None, candidates, metadata, top_k)
    try:
        query = query_vector(request)
    except InvalidInputError as error:
        raise InvalidInputError(
            "request: a str, a query vector or a RoutingRequest is needed, "
            f"got {type(request).__name__} ({error})"
        ) from None
    return CheckedRequest(None, query, candidates, metadata, top_k)


def query_of(request: RoutingRequest | CheckedRequest, dimension: int, text_dimension: int) -> Any:
    """The query as a scorer takes it; None where the text's own embedding is the query.

    Raises:
        InvalidInputError: it has not as many numbers as the candidates, or is missing.
    """
    query = request.query_embedding
    if query is not None:
        if type(request) is not CheckedRequest:
            query = query_vector(query)
        if len(query) != dimension:
            raise InvalidInputError(
                f"query_embedding: it has {len(query)} numbers, the candidates have {dimension}"
            )
        return query
    if dimension != text_dimension:
        raise InvalidInputError(
            f"query_embedding: it is needed, the candidates have vectors of {dimension} numbers"
        )
    return None

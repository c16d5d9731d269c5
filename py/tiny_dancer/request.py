"""One request out of what `Router.route` was given."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from .candidates.candidate import Candidate, query_vector
from .candidates.packed_candidates import PackedCandidates
from .errors import InvalidInputError
from .response import RoutingRequest, check_options

Candidates: TypeAlias = Sequence[Candidate] | PackedCandidates


class Asked(NamedTuple):
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
) -> RoutingRequest | Asked:
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
    check_options(top_k, metadata)
    if isinstance(request, str):
        return Asked(str(request), None, candidates, metadata, top_k)
    try:
        query = query_vector(request)
    except InvalidInputError as error:
        raise InvalidInputError(
            "request: a str, a query vector or a RoutingRequest is needed, "
            f"got {type(request).__name__} ({error})"
        ) from None
    return Asked(None, query, candidates, metadata, top_k)


def query_of(asked: RoutingRequest | Asked, dimension: int, text_dimension: int) -> Any:
    """The query as a scorer takes it; None where the text's own embedding is the query.

    Raises:
        InvalidInputError: it has not as many numbers as the candidates, or is missing.
    """
    query = asked.query_embedding
    if query is not None:
        if type(asked) is not Asked:
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

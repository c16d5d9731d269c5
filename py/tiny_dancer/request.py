"""One request out of what `Router.route` was given."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from .candidate import Candidate, query_vector
from .errors import InvalidInputError
from .packed import PackedCandidates
from .types import RoutingRequest

Candidates: TypeAlias = Sequence[Candidate] | PackedCandidates


def as_request(
    request: object,
    candidates: Candidates | None,
    top_k: int | None,
    metadata: Mapping[str, str] | None,
) -> RoutingRequest:
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
    if isinstance(request, str):
        return RoutingRequest(str(request), None, candidates, metadata, top_k)
    try:
        query = query_vector(request)
    except InvalidInputError as error:
        raise InvalidInputError(
            "request: a str, a query vector or a RoutingRequest is needed, "
            f"got {type(request).__name__} ({error})"
        ) from None
    return RoutingRequest(None, query, candidates, metadata, top_k)


def query_of(asked: RoutingRequest, dimension: int, text_dimension: int) -> Any:
    """The query as a scorer takes it; None where the text's own embedding is the query.

    Raises:
        InvalidInputError: it has not as many numbers as the candidates, or is missing.
    """
    if asked.query_embedding is not None:
        query = query_vector(asked.query_embedding)
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

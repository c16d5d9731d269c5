"""POST /v1/route: one decision, without asking a model; as `tiny-dancer route --json`."""

from typing import Any, Final

from ...candidates.candidate import Candidate
from ...candidates.candidate_json import candidate_of
from ...errors import InvalidInputError
from ...request import RoutingRequest
from ..context import Context
from ..http.api_error import ApiError
from ..http.message import Request, Response, json_response
from ..http.payload import payload
from ..routing.model_name import asked_model

FIELDS: Final = ("prompt", "query_embedding", "candidates", "metadata", "top_k", "model")


async def route(context: Context, request: Request, caller: str) -> Response:
    """Decide for a prompt, or for an embedding with candidates.

    The body holds the fields of `RoutingRequest`, and `model`: `auto` or `auto:quality=x`.
    """
    body = payload(request)
    for name in body:
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            raise ApiError(400, f"{name!r:.60}: no such field; there are {known}.", param=name[:60])
    name = body.pop("model", None)
    model = asked_model(name, context.fleet, context.router.bundle, context.policies)
    if model.upstream is not None:
        raise ApiError(400, "model: auto or auto:quality=x is needed.", param="model")
    rows = body.pop("candidates", None)
    asked = RoutingRequest(**body, candidates=None if rows is None else _candidates(rows))
    response = context.router.route(asked, policy=model.policy, owner=caller)
    return json_response(response.to_dict())


def _candidates(rows: Any) -> list[Candidate]:
    if not isinstance(rows, list):
        raise InvalidInputError("candidates: a list is needed")
    return [candidate_of(row, f"candidates[{at}]") for at, row in enumerate(rows)]

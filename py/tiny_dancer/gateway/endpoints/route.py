"""POST /v1/route: one decision, without asking a model; as `tiny-dancer route --json`."""

from typing import TYPE_CHECKING, Any, Final

from ...candidates.candidate import Candidate
from ...candidates.candidate_json import candidate_of
from ...candidates.layout import MAX_CANDIDATES
from ...errors import InvalidInputError
from ...request import RoutingRequest
from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response, json_response
from ..routing.model_name import resolve_model

if TYPE_CHECKING:
    from ..gateway import Gateway

FIELDS: Final = ("prompt", "query_embedding", "candidates", "metadata", "top_k", "model")


async def route(gateway: "Gateway", request: Request) -> Response:
    """Decide for a prompt, or for an embedding with candidates.

    The body holds the fields of `RoutingRequest`, and `model`: `auto` or `auto:quality=x`.
    """
    body = parse_body(request)
    for name in body:
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            raise ApiError(400, f"{name!r:.60}: no such field; there are {known}.", param=name[:60])
    name = body.pop("model", None)
    model = resolve_model(name, gateway.upstreams, gateway.router.bundle, gateway.policies)
    if model.upstream is not None:
        raise ApiError(400, "model: auto or auto:quality=x is needed.", param="model")
    rows = body.pop("candidates", None)
    routing = RoutingRequest(**body, candidates=None if rows is None else _read_candidates(rows))
    return json_response(
        gateway.router.route(routing, policy=model.policy, owner=request.caller).to_dict()
    )


def _read_candidates(rows: Any) -> list[Candidate]:
    if not isinstance(rows, list):
        raise InvalidInputError("candidates: a list is needed")
    if len(rows) > MAX_CANDIDATES:  # told before any is made
        raise InvalidInputError(f"candidates: at most {MAX_CANDIDATES} are taken, got {len(rows)}")
    return [candidate_of(row, f"candidates[{at}]") for at, row in enumerate(rows)]

"""POST /v1/route: one decision, without asking a model; as `tiny-dancer route --json`."""

from typing import TYPE_CHECKING, Any, Final

from ...candidates.candidate import Candidate
from ...candidates.candidate_json import candidate_of
from ...candidates.layout import MAX_CANDIDATES
from ...errors import InvalidInputError
from ...request import RoutingRequest
from ..formats.whole_request import is_whole_request, read_whole_request
from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response, json_response
from ..routing.dry_run import run_dry
from ..routing.key_model import name_for_key
from ..routing.model_name import resolve_model
from ..routing.session import HEADER

if TYPE_CHECKING:
    from ..gateway import Gateway

FIELDS: Final = ("prompt", "query_embedding", "candidates", "metadata", "top_k", "model", "explain")


async def route(gateway: "Gateway", request: Request) -> Response:
    """Decide for a prompt, or for an embedding with candidates.

    The body holds the fields of `RoutingRequest`, and `model`: `auto` or `auto:quality=x`; with
    `"explain": true` the answer says what moved the decision on the prompt. Where the body
    is a whole request of another endpoint, what would become of it is told, and nothing is kept.
    """
    body = parse_body(request)
    format_name = request.find_option("format")
    if format_name is not None or is_whole_request(body):
        return await _run_dry(gateway, request, body, format_name)
    for name in body:
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            raise ApiError(400, f"{name!r:.60}: no such field; there are {known}.", param=name[:60])
    key = gateway.config.find_key(request.caller)
    name = name_for_key(key, body.pop("model", None), gateway.upstreams)
    model = resolve_model(name, gateway.upstreams, gateway.router.bundle, gateway.policies)
    if model.upstream is not None:
        raise ApiError(400, "model: auto or auto:quality=x is needed.", param="model")
    explain = body.pop("explain", False)
    if not isinstance(explain, bool) or (explain and body.get("prompt") is None):
        raise ApiError(400, "explain: true or false is needed, and a prompt.", param="explain")
    rows = body.pop("candidates", None)
    routing = RoutingRequest(**body, candidates=None if rows is None else _read_candidates(rows))
    answer = gateway.router.route(routing, policy=model.policy, owner=request.caller).to_dict()
    if explain:
        answer["explanation"] = gateway.router.explain(body["prompt"]).to_dict()
    return json_response(answer)


async def _run_dry(
    gateway: "Gateway", request: Request, body: dict[str, Any], format_name: str | None
) -> Response:
    name, conversation = read_whole_request(body, format_name)
    upstreams, router, caller = gateway.upstreams, gateway.router, request.caller
    mode = gateway.config.find_mode(caller)
    asked = name_for_key(gateway.config.find_key(caller), body.get("model"), upstreams)
    model = resolve_model(asked, upstreams, router.bundle, gateway.policies, mode)
    named, policy = request.headers.get(HEADER), gateway.config.policy
    _, standing = gateway.sessions.find(caller, named, conversation, policy, gateway.now())
    found = await run_dry(router, upstreams, conversation, model, standing)
    return json_response({"format": name, **found.to_dict()})


def _read_candidates(rows: Any) -> list[Candidate]:
    if not isinstance(rows, list):
        raise InvalidInputError("candidates: a list is needed")
    if len(rows) > MAX_CANDIDATES:  # told before any is made
        raise InvalidInputError(f"candidates: at most {MAX_CANDIDATES} are taken, got {len(rows)}")
    return [candidate_of(row, f"candidates[{at}]") for at, row in enumerate(rows)]

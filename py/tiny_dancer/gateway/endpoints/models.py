"""GET /v1/models and /v1/models/NAME: every name that the caller may ask for."""

from typing import TYPE_CHECKING, Any, Final

from ..formats.error import is_of_anthropic
from ..http.request import Request
from ..http.response import Response, json_response
from ..routing.key_model import may_ask
from ..routing.model_name import make_unknown_model

if TYPE_CHECKING:
    from ..gateway import Gateway

PREFIX: Final = "/v1/models/"


async def list_models(gateway: "Gateway", request: Request) -> Response:
    """The names, in the form of the OpenAI API or of Anthropic's."""
    names = _list_names(gateway, request)
    rows = [_describe(name, request) for name in names]
    if is_of_anthropic(request):
        ends = {"first_id": names[0], "last_id": names[-1]}
        return json_response({"data": rows, "has_more": False, **ends})
    return json_response({"object": "list", "data": rows})


async def get_model(gateway: "Gateway", request: Request) -> Response:
    """One of them; 404 where nobody has the name."""
    name = request.path.removeprefix(PREFIX)
    if name not in _list_names(gateway, request):
        raise make_unknown_model(name)
    return json_response(_describe(name, request))


def _list_names(gateway: "Gateway", request: Request) -> tuple[str, ...]:
    """Those that the caller's key may ask for."""
    key, upstreams = gateway.config.find_key(request.caller), gateway.upstreams
    return tuple(name for name in upstreams.list_names() if may_ask(key, name, upstreams))


def _describe(name: str, request: Request) -> dict[str, Any]:
    if is_of_anthropic(request):
        created = "1970-01-01T00:00:00Z"
        return {"id": name, "type": "model", "display_name": name, "created_at": created}
    return {"id": name, "object": "model", "created": 0, "owned_by": "tiny-dancer"}

"""GET /v1/models: every name that a client may ask for."""

from ...policy.preference import LIGHT, POWERFUL
from ..context import Context
from ..http.message import Request, Response, json_response
from ..routing.model_name import AUTO


async def models(context: Context, request: Request, caller: str) -> Response:
    """The names, in the form of the OpenAI API."""
    fleet = context.fleet
    names = dict.fromkeys((AUTO, LIGHT, POWERFUL, *fleet.models, *fleet.upstreams))
    rows = [{"id": n, "object": "model", "created": 0, "owned_by": "tiny-dancer"} for n in names]
    return json_response({"object": "list", "data": rows})

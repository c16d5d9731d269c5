"""GET /v1/models: every name that a client may ask for."""

from .asked_model import AUTO
from .context import Context
from .fleet import LIGHT, POWERFUL
from .wire import Request, Response, json_response


async def models(context: Context, request: Request, caller: str) -> Response:
    """The names, in the form of the OpenAI API."""
    fleet = context.fleet
    names = dict.fromkeys((AUTO, LIGHT, POWERFUL, *fleet.models, *fleet.upstreams))
    rows = [{"id": n, "object": "model", "created": 0, "owned_by": "tiny-dancer"} for n in names]
    return json_response({"object": "list", "data": rows})

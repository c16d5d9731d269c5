"""GET /v1/models and /v1/models/NAME: every name that a client may ask for."""

from typing import TYPE_CHECKING, Any, Final

from ..http.api_error import ApiError
from ..http.request import Request
from ..http.response import Response, json_response

if TYPE_CHECKING:
    from ..gateway import Gateway

PREFIX: Final = "/v1/models/"


async def list_models(gateway: "Gateway", request: Request) -> Response:
    """The names, in the form of the OpenAI API."""
    rows = [_describe(name) for name in gateway.upstreams.list_names()]
    return json_response({"object": "list", "data": rows})


async def get_model(gateway: "Gateway", request: Request) -> Response:
    """One of them; 404 where nobody has the name."""
    name = request.path.removeprefix(PREFIX)
    if name not in gateway.upstreams.list_names():
        raise ApiError(
            404,
            "model: no such model; GET /v1/models lists them.",
            param="model",
            code="model_not_found",
        )
    return json_response(_describe(name))


def _describe(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "tiny-dancer"}

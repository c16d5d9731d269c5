"""POST /admin/adapt: heads fitted anew to the stored outcomes, as a file to deploy."""

from base64 import b64encode
from typing import TYPE_CHECKING

from ...errors import PolicyError
from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response, json_response
from .computation import alone

if TYPE_CHECKING:
    from ..gateway import Gateway


async def adapt(gateway: "Gateway", request: Request) -> Response:
    """The ladder's figures, and where a rung won the new bundle in base64.

    Nothing is put into service: processes that serve together load a file, or are deployed anew.
    """
    if parse_body(request):
        raise ApiError(400, "An empty object is needed.")
    from ...adapter import read_lessons  # what fits heads is for this alone

    try:
        climb = await read_lessons(gateway.router)
        learned = await gateway.run_aside(alone("adapt", gateway.computing, climb))
    except PolicyError as error:
        raise ApiError(409, str(error)) from None
    data = None if learned.bundle is None else b64encode(learned.bundle).decode()
    return json_response({**learned.to_dict(), "bundle": data})

"""POST /admin/calibrate: not there yet."""

from typing import TYPE_CHECKING

from ..http.api_error import ApiError
from ..http.request import Request
from ..http.response import Response

if TYPE_CHECKING:
    from ..gateway import Gateway


async def calibrate(gateway: "Gateway", request: Request) -> Response:
    """Not there yet: 501. `tiny-dancer calibrate` certifies a policy from outcomes."""
    raise ApiError(501, "Not there yet; `tiny-dancer calibrate` certifies a policy from outcomes.")

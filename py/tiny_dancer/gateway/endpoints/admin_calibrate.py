"""POST /admin/calibrate: not built yet."""

from typing import TYPE_CHECKING

from ..http.api_error import ApiError
from ..http.request import Request
from ..http.response import Response

if TYPE_CHECKING:
    from ..gateway import Gateway


async def calibrate(gateway: "Gateway", request: Request) -> Response:
    """Say so."""
    raise ApiError(501, "Calibration from stored outcomes is not built yet.")

"""POST /admin/reload, /admin/breaker and /admin/calibrate."""

from typing import Final

from ...breaker.state import Mode
from ...errors import BundleError, InvalidInputError
from ..context import Context, models_of
from ..generations import BUNDLE
from ..http.api_error import ApiError
from ..http.message import Request, Response, json_response
from ..http.payload import payload
from ..routing.fleet import Fleet

MODES: Final = {"open": Mode.FORCED_OPEN, "closed": Mode.FORCED_CLOSED, "automatic": None}


async def reload(context: Context, request: Request, caller: str) -> Response:
    """Read policies from the store, and the bundle's file, here and in the other processes."""
    await context.router.refresh()
    if context.reload is None:
        raise ApiError(
            501, "Policies are read again from the store; a new bundle is a new deployment here."
        )
    answer = reloaded(context)
    await context.generations.raise_(context.store, BUNDLE)
    return json_response(answer)


def reloaded(context: Context) -> dict[str, str | None]:
    """Hashes of the bundle before and after.

    Raises:
        ApiError: 422 where the new one is not valid or does not fit; the old one stays.
    """
    if context.reload is None:
        return {}
    try:
        hashes = context.reload()
        context.fleet = Fleet.of(context.config, models_of(context.router.bundle))
    except (BundleError, InvalidInputError) as error:
        raise ApiError(422, f"The bundle in service stays: {error}", code="bad_bundle") from None
    return hashes._asdict()


async def breaker(context: Context, request: Request, caller: str) -> Response:
    """Hold an upstream's breaker open or closed, or leave it to itself again."""
    body = payload(request)
    name, mode = body.get("model"), body.get("mode")
    upstream = context.fleet.named(name) if isinstance(name, str) else None
    if upstream is None:
        raise ApiError(400, "model: the name of an upstream is needed.", param="model")
    if not isinstance(mode, str) or mode not in MODES:
        raise ApiError(400, f"mode: one of {', '.join(MODES)} is needed.", param="mode")
    if context.config.breaker is None:
        raise ApiError(400, "The config switches breakers off.")
    await context.router.force_breaker(upstream.breaker, MODES[mode])
    modes = context.router.metrics().breakers
    return json_response({"model": name, "state": str(modes.get(upstream.breaker, "closed"))})


async def calibrate(context: Context, request: Request, caller: str) -> Response:
    """Not built yet."""
    raise ApiError(501, "Calibration from stored outcomes is not built yet.")

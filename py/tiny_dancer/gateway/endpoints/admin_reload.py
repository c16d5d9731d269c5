"""POST /admin/reload: policies from the store, the config's file and the bundle's file again."""

from functools import partial
from typing import TYPE_CHECKING

from ...errors import BundleError, InvalidInputError, PolicyError
from ..http.api_error import ApiError
from ..http.request import Request
from ..http.response import Response, json_response
from ..versions import BUNDLE
from .candidates import load_candidates

if TYPE_CHECKING:
    from ..gateway import Gateway


async def reload(gateway: "Gateway", request: Request) -> Response:
    """Read policies from the store, and the files, here and in the other processes."""
    await gateway.router.refresh()
    if gateway.prepare_bundle is None:
        raise ApiError(
            501, "Policies are read again from the store; a new bundle is a new deployment here."
        )
    hashes = await reload_files(gateway)
    await gateway.versions.announce(gateway.store, BUNDLE)
    return json_response(hashes)


async def reload_files(gateway: "Gateway") -> dict[str, str | None]:
    """Hashes of the bundle before and after; the config is read again too.

    Files are read and checked aside; then bundle and config are swapped between two requests.

    Raises:
        ApiError: 422 where a file is not valid or does not fit; what was loaded stays. 409 while
            another reload is under way.
    """
    if gateway.is_reloading:
        raise ApiError(409, "Another reload is under way; try again.", retry_after_s=1)
    gateway.is_reloading = True
    try:
        hashes = await _swap_files(gateway)
    finally:
        gateway.is_reloading = False
    await gateway.router.refresh()  # what the monitors of another policy say
    await load_candidates(gateway)  # the bundle before may have scored none
    return hashes


async def _swap_files(gateway: "Gateway") -> dict[str, str | None]:
    if gateway.prepare_bundle is None:
        return {}
    config, hashes = gateway.config, None
    try:
        if gateway.read_config is not None:
            config = await gateway.run_aside(gateway.read_config)
        gateway.check_change(config)
    except InvalidInputError as error:
        raise _refuse("config", error) from None
    try:
        swap = await gateway.run_aside(partial(gateway.prepare_bundle, config))
        hashes = swap() if swap is not None else None
    except (BundleError, InvalidInputError, PolicyError) as error:
        raise _refuse("bundle", error) from None
    try:
        gateway.take_config(config)
    except (InvalidInputError, PolicyError) as error:  # somebody put another bundle into service
        raise _refuse("config", error) from None
    if hashes is None:
        bundle = gateway.router.bundle
        known = bundle.bundle_hash if bundle is not None else None
        return {"before": known, "after": known}
    return hashes._asdict()


def _refuse(what: str, error: Exception) -> ApiError:
    stays = {"config": "config stays in use", "bundle": "bundle stays loaded"}[what]
    return ApiError(422, f"The previous {stays}: {error}", code=f"bad_{what}")

"""POST /admin/reload: policies from the store, the config's file and the bundle's file again."""

from typing import TYPE_CHECKING

from ...errors import BundleError, InvalidInputError, PolicyError
from ..http.api_error import ApiError
from ..http.request import Request
from ..http.response import Response, json_response
from ..versions import BUNDLE

if TYPE_CHECKING:
    from ..gateway import Gateway


async def reload(gateway: "Gateway", request: Request) -> Response:
    """Read policies from the store, and the files, here and in the other processes."""
    await gateway.router.refresh()
    if gateway.reload_bundle is None:
        raise ApiError(
            501, "Policies are read again from the store; a new bundle is a new deployment here."
        )
    hashes = reload_files(gateway)
    await gateway.versions.announce(gateway.store, BUNDLE)
    return json_response(hashes)


def reload_files(gateway: "Gateway") -> dict[str, str | None]:
    """Hashes of the bundle before and after; the config is read again too.

    Raises:
        ApiError: 422 where a file is not valid or does not fit; what was loaded stays.
    """
    if gateway.reload_bundle is None:
        return {}
    try:
        config = gateway.read_config() if gateway.read_config is not None else gateway.config
        gateway.check_change(config)
    except InvalidInputError as error:
        raise ApiError(
            422, f"The previous config stays in use: {error}", code="bad_config"
        ) from None
    try:
        hashes = gateway.reload_bundle(config)
    except (BundleError, InvalidInputError, PolicyError) as error:
        raise ApiError(
            422, f"The previous bundle stays loaded: {error}", code="bad_bundle"
        ) from None
    gateway.take_config(config)
    if hashes is None:
        bundle = gateway.router.bundle
        known = bundle.bundle_hash if bundle is not None else None
        return {"before": known, "after": known}
    return hashes._asdict()

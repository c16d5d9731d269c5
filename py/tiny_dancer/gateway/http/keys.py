"""Who calls: bearer tokens, or `x-api-key`, against the config's hashes, in constant time."""

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest

from ..config.key import Key
from ..config.settings import GatewayConfig
from .api_error import ApiError
from .request import ANONYMOUS


def authenticate(headers: Mapping[str, str], config: GatewayConfig, *, admin: bool = False) -> str:
    """The name of the caller's key; `anonymous` where none is asked for.

    Args:
        headers: of the request, names in small letters.
        config: holds the keys.
        admin: True where only an admin may call.

    Raises:
        ApiError: 401 without a key that is known, 403 where a user's key is not enough.
    """
    digest = _hash_key(headers)
    user, admin_name = _find(digest, config.keys), _find(digest, config.admin_keys)
    if admin_name is not None:
        return admin_name
    if admin:
        if not config.admin_keys:
            raise ApiError(403, "The config names no admin_keys, so nobody may do this.")
        if user is not None or config.anonymous:
            raise ApiError(403, "An admin's key is needed.", code="admin_key_needed")
    elif user is not None or config.anonymous:
        return user or ANONYMOUS
    raise ApiError(
        401,
        "Incorrect API key provided."
        if digest
        else "No API key: send Authorization: Bearer KEY, or x-api-key: KEY.",
        code="invalid_api_key",
        headers={"www-authenticate": "Bearer"},
    )


def is_admin(headers: Mapping[str, str], config: GatewayConfig) -> bool:
    """True where a request comes with an admin's key."""
    return _find(_hash_key(headers), config.admin_keys) is not None


def _hash_key(headers: Mapping[str, str]) -> str:
    """SHA-256 of the key that a request comes with; empty where there is none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    token = token if kind.lower() == "bearer" else headers.get("x-api-key", "")
    token = token.strip()
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest() if token else ""


def _find(digest: str, keys: tuple[Key, ...]) -> str | None:
    """Name of the key with this hash; as long for a near miss as for a wide one."""
    found = None
    for key in keys:
        if compare_digest(key.sha256, digest):
            found = key.name
    return found

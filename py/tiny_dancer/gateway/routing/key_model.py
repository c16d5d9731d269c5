"""What a key may ask for, and what its `auto` stands for."""

from typing import Any

from ..config.key import Key
from ..http.api_error import ApiError
from .upstreams import AUTO, Upstreams


def name_for_key(key: Key | None, name: Any, upstreams: Upstreams) -> Any:
    """The model's name, as it is resolved for this key.

    Args:
        key: the caller's; None where it has no settings of its own.
        name: as the client wrote it.
        upstreams: who has a name.

    Raises:
        ApiError: 403 for a name that the key may not ask for.
    """
    if key is None or not isinstance(name, str | None):
        return name
    if not may_ask(key, name or AUTO, upstreams):
        raise ApiError(
            403,
            f"model: the key {key.name} may ask for {', '.join(key.models)} alone.",
            param="model",
            code="model_not_allowed",
        )
    if key.policy is not None and upstreams.aliases.get(name or "", name) in (None, "", AUTO):
        return f"{AUTO}:{key.policy}"
    return name


def may_ask(key: Key | None, name: str, upstreams: Upstreams) -> bool:
    """True where a key may ask for a name, or for what it stands for."""
    if key is None or not key.models:
        return True
    stands_for = upstreams.aliases.get(name, name)
    kind = stands_for.partition(":")[0]
    return any(one in key.models for one in (name, stands_for, kind if kind == AUTO else name))

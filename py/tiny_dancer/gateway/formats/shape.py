"""Values of a request that is translated; each error names the field."""

from typing import Any, NoReturn

from ..http.api_error import ApiError


def refuse(where: str, why: str) -> NoReturn:
    """Refuse a field.

    Raises:
        ApiError: 400 that names it.
    """
    raise ApiError(400, f"{where}: {why}.", param=where, code="not_translatable")


def take_object(value: Any, where: str) -> dict[str, Any]:
    """An object.

    Raises:
        ApiError: it is none.
    """
    if not isinstance(value, dict):
        raise ApiError(400, f"{where}: an object is needed.", param=where)
    return value


def take_list(value: Any, where: str) -> list[Any]:
    """A list; an empty one for nothing.

    Raises:
        ApiError: it is none.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise ApiError(400, f"{where}: a list is needed.", param=where)
    return value


def take_text(value: Any, where: str) -> str:
    """A text.

    Raises:
        ApiError: it is none.
    """
    if not isinstance(value, str):
        raise ApiError(400, f"{where}: a text is needed.", param=where)
    return value


def list_objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none of what is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def list_texts(*values: Any) -> list[str]:
    """Those of the values that are texts and not empty."""
    return [one for one in values if isinstance(one, str) and one]

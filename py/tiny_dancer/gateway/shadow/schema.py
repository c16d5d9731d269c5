"""Whether a value is of a JSON schema, as far as requests use it.

Known are `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`,
`minItems`, `maxItems`, `minimum`, `maximum`, `minLength`, `maxLength`, `anyOf`, `oneOf`, `allOf`
and `$ref` into the schema itself. Other keywords refuse nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

DEPTH: Final = 64
"""References and parts inside one another; what lies deeper is taken for right."""

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def is_valid(value: Any, schema: Any, root: Any = None, depth: int = 0) -> bool:
    """True where a value is of a schema.

    Args:
        value: parsed JSON.
        schema: true, false or an object.
        root: where references point into; the schema itself where None.
        depth: of this part.
    """
    if not isinstance(schema, dict):
        return schema is not False
    if depth > DEPTH:
        return True
    root = schema if root is None else root

    def fits(value: Any, part: Any) -> bool:
        return is_valid(value, part, root, depth + 1)

    if isinstance(reference := schema.get("$ref"), str):
        return fits(value, _resolve(reference, root))
    if not _has_type(value, schema.get("type")):
        return False
    if "const" in schema and value != schema["const"]:
        return False
    if isinstance(options := schema.get("enum"), list) and value not in options:
        return False
    for name, quantity in (("anyOf", any), ("oneOf", any), ("allOf", all)):
        if isinstance(parts := schema.get(name), list) and not quantity(
            fits(value, part) for part in parts
        ):
            return False
    if isinstance(value, dict):
        return _is_object(value, schema, fits)
    if isinstance(value, list):
        items = schema.get("items", True)
        return _is_between(len(value), schema, "minItems", "maxItems") and all(
            fits(one, items) for one in value
        )
    if isinstance(value, str):
        return _is_between(len(value), schema, "minLength", "maxLength")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _is_between(value, schema, "minimum", "maximum")
    return True


def _is_object(value: Mapping[str, Any], schema: Mapping[str, Any], fits: Any) -> bool:
    properties, required = schema.get("properties"), schema.get("required")
    properties = properties if isinstance(properties, dict) else {}
    if isinstance(required, list) and any(name not in value for name in required):
        return False
    others = schema.get("additionalProperties", True)
    return all(fits(one, properties.get(name, others)) for name, one in value.items())


def _has_type(value: Any, types: Any) -> bool:
    names = types if isinstance(types, list) else [types]
    known = [name for name in names if isinstance(name, str) and name in _TYPES]
    if not known:
        return True
    for name in known:
        is_flag = isinstance(value, bool)
        if isinstance(value, _TYPES[name]) and (name == "boolean" or not is_flag):
            return True
        if name == "integer" and isinstance(value, float) and value.is_integer():
            return True
    return False


def _is_between(number: float, schema: Mapping[str, Any], low: str, high: str) -> bool:
    least, most = schema.get(low), schema.get(high)
    if isinstance(least, int | float) and number < least:
        return False
    return not (isinstance(most, int | float) and number > most)


def _resolve(reference: str, root: Any) -> Any:
    """The part that a reference names; what is not there refuses nothing."""
    part = root
    for name in reference.removeprefix("#").strip("/").split("/"):
        if name and isinstance(part, dict):
            part = part.get(name.replace("~1", "/").replace("~0", "~"), True)
    return part

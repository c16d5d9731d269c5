"""Whether a value is of a JSON schema, as far as requests use it.

Known are `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`,
`minItems`, `maxItems`, `minimum`, `maximum`, `minLength`, `maxLength`, `anyOf`, `oneOf`, `allOf`
and `$ref` into the schema itself. Other keywords refuse nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

DEPTH: Final = 64
"""References and parts inside one another; what lies deeper is taken for right."""

STEPS: Final = 10_000
"""Parts of schemas that one answer is compared with: some hundredths of a second."""

NAMES_A_STEP: Final = 50
"""Of a list, so many are compared in the time that a part takes."""

_UNREAD: Final = frozenset(
    "contains dependencies dependentRequired dependentSchemas exclusiveMaximum exclusiveMinimum "
    "format if maxProperties minProperties multipleOf not pattern patternProperties prefixItems "
    "propertyNames unevaluatedItems unevaluatedProperties uniqueItems $dynamicRef".split()
)
"""Keywords that might refuse a value that nothing else refuses."""

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


class Steps:
    """What is left of the work that a request's schemas may cause; a client writes them.

    Args:
        left: steps.
    """

    def __init__(self, left: int = STEPS) -> None:
        self.left = left

    def take(self, n: int = 1) -> None:
        """Count n steps.

        Raises:
            OutOfStepsError: there are not so many left, now or later.
        """
        self.left = max(-1, self.left - n)
        if self.left < 0:
            raise OutOfStepsError


class OutOfStepsError(Exception):
    """A schema takes more work than it is worth."""


def is_valid(value: Any, schema: Any, steps: Steps | None = None) -> bool:
    """True where a value is of a schema, and where finding out takes too many steps.

    Args:
        value: parsed JSON.
        schema: true, false or an object.
        steps: shared with other values of the same answer; `STEPS` where None.
    """
    try:
        return _Check(schema, steps or Steps()).fits(value, schema, 0)
    except OutOfStepsError:
        return True


class _Check:
    """Compares with the parts of one schema.

    Args:
        root: where references point into.
        steps: that it may take.
    """

    def __init__(self, root: Any, steps: Steps) -> None:
        self._root, self._steps = root, steps
        self._unread = 0  # parts that might have refused a value, had they been read

    def fits(self, value: Any, schema: Any, depth: int) -> bool:
        self._steps.take()
        if not isinstance(schema, dict):
            return schema is not False
        if depth > DEPTH:
            self._unread += 1
            return True
        depth += 1
        self._unread += not _UNREAD.isdisjoint(schema)
        if isinstance(reference := schema.get("$ref"), str):
            self._steps.take(reference.count("/") // NAMES_A_STEP)
            part = _resolve(reference, self._root)
            self._unread += part is True
            return self.fits(value, part, depth)
        if not self._is_listed(value, schema) or not self._fits_parts(value, schema, depth):
            return False
        if isinstance(value, dict):
            return self._is_object(value, schema, depth)
        if isinstance(value, list):
            items = schema.get("items", True)
            return _is_between(len(value), schema, "minItems", "maxItems") and all(
                self.fits(one, items, depth) for one in value
            )
        if isinstance(value, str):
            return _is_between(len(value), schema, "minLength", "maxLength")
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _is_between(value, schema, "minimum", "maximum")
        return True

    def _is_listed(self, value: Any, schema: Mapping[str, Any]) -> bool:
        """True where `type`, `const` and `enum` have it."""
        types, options = schema.get("type"), schema.get("enum")
        for names in (types, options):
            self._steps.take(len(names) // NAMES_A_STEP if isinstance(names, list) else 0)
        if not _has_type(value, types) or ("const" in schema and value != schema["const"]):
            return False
        return not isinstance(options, list) or value in options

    def _fits_parts(self, value: Any, schema: Mapping[str, Any], depth: int) -> bool:
        """True where `anyOf`, `oneOf` and `allOf` have it."""
        for name, quantity in (("anyOf", any), ("oneOf", self._is_one), ("allOf", all)):
            if isinstance(parts := schema.get(name), list) and not quantity(
                self.fits(value, part, depth) for part in parts
            ):
                return False
        return True

    def _is_one(self, fits: Iterable[bool]) -> bool:
        """True for exactly one, and for more where what was not read may tell them apart."""
        unread = self._unread
        n = sum(fits)
        return n == 1 or (n > 1 and self._unread > unread)

    def _is_object(self, value: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> bool:
        properties, required = schema.get("properties"), schema.get("required")
        properties = properties if isinstance(properties, dict) else {}
        if isinstance(required, list):
            self._steps.take(len(required) // NAMES_A_STEP)
            if any(isinstance(name, str) and name not in value for name in required):
                return False
        others = True if "patternProperties" in schema else schema.get("additionalProperties", True)
        return all(
            self.fits(one, properties.get(name, others), depth) for name, one in value.items()
        )


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

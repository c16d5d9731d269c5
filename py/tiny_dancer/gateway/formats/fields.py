"""What becomes of each field of a request that is translated to chat: the table, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .shape import refuse


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one kind of object. A field that is in none of the three is refused.

    Attributes:
        path: where the object stands in a request; empty for the request itself.
        translated: name of a field, and what it becomes.
        dropped: name of a field, and why it does no harm to leave it out.
        refused: name of a field, and why there is nothing like it.
    """

    path: str
    translated: Mapping[str, str]
    dropped: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    def check(self, value: Mapping[str, Any], where: str, dropped: dict[str, None]) -> None:
        """See that an object can be translated; a field that says nothing is as good as none.

        Args:
            value: the object.
            where: its place in this request, for errors.
            dropped: gets the names of fields that are left out.

        Raises:
            ApiError: 400 that names the first field that cannot be translated.
        """
        for name, one in value.items():
            if name in self.translated or not is_said(one):
                continue
            if name in self.dropped:
                dropped[name] = None
                continue
            place = f"{where}.{name}" if where else name
            refuse(place[:200], self.refused.get(name, "chat has no such field"))


def is_said(value: Any) -> bool:
    """False for null, false, and what is empty."""
    return value is not None and value is not False and value not in ("", [], {})


@dataclass(frozen=True, slots=True)
class Translation:
    """A request as chat.

    Attributes:
        body: of the chat.
        dropped: names of the fields that were left out.
    """

    body: Mapping[str, Any]
    dropped: tuple[str, ...]

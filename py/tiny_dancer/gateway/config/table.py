"""Reading one table of a config file; every error names the path of the value at fault."""

from collections.abc import Callable
from typing import Any, Final

from ...checks import shown
from ...errors import InvalidInputError
from .error import ConfigError

MAX_TEXT: Final = 2_000


class Table:
    """Takes values out of a mapping one by one; `refuse_rest` refuses what nobody asked for.

    Args:
        value: what stands at `path` in the file.
        path: names it in errors; empty for the whole file.

    Raises:
        ConfigError: it is no table.
    """

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise ConfigError(f"{path or 'config'}: a table is needed, got {shown(value, 40)}")
        self._left = dict(value)
        self._path = path
        self._known: list[str] = []

    def join_path(self, name: str) -> str:
        """The path of a value."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """True where the value is given."""
        return name in self._left

    def take(self, name: str) -> Any:
        """The value as it stands; None where it is not given."""
        self._known.append(name)
        return self._left.pop(name, None)

    def take_text(self, name: str, default: str | None = None) -> str | None:
        """A text of 1 to 2,000 characters."""
        value = self.take(name)
        if value is None:
            return default
        if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT or not value.isprintable():
            raise self.make_error(name, "a text of 1 to 2,000 printable characters", value)
        return value

    def require_text(self, name: str) -> str:
        """A text that must be given."""
        value = self.take_text(name)
        if value is None:
            raise ConfigError(f"{self.join_path(name)}: it is missing")
        return value

    def take_choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of these texts; the first where it is not given."""
        value = self.take_text(name, choices[0])
        if value not in choices:
            raise self.make_error(name, f"one of {', '.join(choices)}", value)
        return value

    def take_choices(self, name: str, choices: tuple[str, ...]) -> tuple[str, ...]:
        """Some of these texts, each once; the first alone where it is not given."""
        value = self.take(name)
        if value is None:
            return choices[:1]
        is_list = isinstance(value, list) and 0 < len(value) <= len(choices)
        if not is_list or any(one not in choices or value.count(one) > 1 for one in value):
            raise self.make_error(name, f"a list of some of {', '.join(choices)}", value)
        return tuple(value)

    def take_texts(self, name: str) -> dict[str, str]:
        """Texts by name; none where it is not given."""
        table = self.take_table(name)
        return {one: table.require_text(one) for one in list(table._left)}

    def take_flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self.take(name)
        if value is None:
            return default
        if type(value) is not bool:
            raise self.make_error(name, "true or false", value)
        return value

    def take_number(
        self, name: str, default: float | None, low: float = 0.0, high: float = 1e9
    ) -> float | None:
        """A finite number in [low, high]."""
        value = self.take(name)
        if value is None:
            return default
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        if not fits or not low <= value <= high:
            raise self.make_error(name, f"a number from {low:g} to {high:g}", value)
        return float(value)

    def take_int(
        self, name: str, default: int | None, low: int = 0, high: int = 1 << 40
    ) -> int | None:
        """A whole number in [low, high]."""
        value = self.take(name)
        if value is None:
            return default
        if type(value) is not int or not low <= value <= high:
            raise self.make_error(name, f"a whole number from {low} to {high}", value)
        return value

    def take_tables(self, name: str) -> "list[Table]":
        """A list of tables; empty where it is not given."""
        value = self.take(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.make_error(name, "a list of tables", value)
        return [Table(row, f"{self.join_path(name)}[{at}]") for at, row in enumerate(value)]

    def take_table(self, name: str) -> "Table":
        """A table inside; an empty one where it is not given."""
        value = self.take(name)
        return Table({} if value is None else value, self.join_path(name))

    def build(self, kind: Callable[..., Any]) -> Any:
        """An object made of all values left, where the object itself checks them."""
        values, self._left = self._left, {}
        try:
            return kind(**values)
        except TypeError as error:
            name = str(error).rpartition("argument ")[2].strip("'")
            raise ConfigError(f"{self.join_path(name)}: no such setting") from None
        except InvalidInputError as error:
            raise ConfigError(f"{self.join_path('')}{error}") from None

    def refuse_rest(self) -> None:
        """Refuse names that are not settings."""
        for name in self._left:
            known = ", ".join(self._known)
            raise ConfigError(f"{self.join_path(name)}: no such setting; there are {known}")

    def make_error(self, name: str, needed: str, got: object) -> ConfigError:
        """An error about a value."""
        return ConfigError(f"{self.join_path(name)}: {needed} is needed, got {shown(got, 40)}")

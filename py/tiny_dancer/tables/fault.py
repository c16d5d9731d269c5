"""What is wrong with a table, and where."""

from ..errors import InvalidInputError


class TableError(InvalidInputError):
    """A table, or one row of it, is not as it must be.

    Args:
        name: of the file.
        what: is wrong, and what would be right.
        line: of the file, from 1; None where it is about the file as a whole.
        column: a column's name, or the number of a field or character in the line, from 1.
    """

    def __init__(
        self, name: str, what: str, line: int | None = None, column: str | int | None = None
    ) -> None:
        places = [] if line is None else [f"line {line}"]
        if column is not None:
            places.append(f"column {column if isinstance(column, int) else shown(column)}")
        place = f"{', '.join(places)}: " if places else ""
        super().__init__(f"{name}: {place}{what}")
        self.name = name
        self.what = what
        self.line = line
        self.column = column

    def __reduce__(self) -> tuple[type["TableError"], tuple[object, ...]]:
        return TableError, (self.name, self.what, self.line, self.column)


def shown(name: str) -> str:
    """A column's name as it stands in a message: short, on one line, its spaces seen."""
    cut = name if len(name) <= 60 else f"{name[:60]}…"
    return cut if cut.isprintable() and cut.strip() == cut and cut else ascii(cut)


def shown_value(value: object) -> str:
    """A value as it stands in a message."""
    if isinstance(value, str):
        return (
            ascii(value[:40]) + "…" * (len(value) > 40)
            if not value[:40].isprintable()
            else (repr(value[:40]) + "…" * (len(value) > 40))
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else f"{value!r:.40}"

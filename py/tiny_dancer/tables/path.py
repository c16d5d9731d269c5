"""A table of a path."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike

from ..files.input import name_of, open_file
from ..strict_json import MAX_DEPTH
from .table import Table


@contextmanager
def open_table(
    path: str | PathLike[str],
    needs: Sequence[str] = ("prompt",),
    bare: str | None = None,
    *,
    takes_fifo: bool = False,
    depth: int = MAX_DEPTH,
) -> Iterator[Table]:
    """The table of a file; what `Table` takes, and a FIFO as `open_file` does.

    Raises:
        InvalidInputError: it cannot be opened.
        TableError: it is no table, or lacks a column; names file, line and column.
    """
    with open_file(path, takes_fifo=takes_fifo) as file:
        yield Table(file, name_of(path), needs, bare, depth)

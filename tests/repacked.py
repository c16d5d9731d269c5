"""Packed candidates with some of their parts changed."""

from typing import Any

from tiny_dancer.candidates.layout import Packed


def repacked(packed: Packed, **changes: Any) -> Packed:
    """The same candidates but for what is named: n, dimension, format, rows, columns."""
    names = ("n", "dimension", "format", "rows", "columns")
    return Packed(**{name: changes.get(name, getattr(packed, name)) for name in names})

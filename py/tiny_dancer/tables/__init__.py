"""Rows of CSV, TSV, JSON and JSON lines as people have them: read rightly, or refused by place."""

from .fault import TableError
from .path import open_table
from .row import Row
from .table import Table

__all__ = ["Row", "Table", "TableError", "open_table"]

"""Logs that people have: prompts, models, costs and marks out of other software's records."""

from .entry import COLUMNS, Entry
from .log import FORMATS, Log, open_log
from .pairs import join_pairs

__all__ = ["COLUMNS", "FORMATS", "Entry", "Log", "join_pairs", "open_log"]

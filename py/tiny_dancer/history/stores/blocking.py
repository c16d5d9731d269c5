"""Whether a call may block the thread it runs in."""

from contextvars import ContextVar
from typing import Final

may_block: Final[ContextVar[bool]] = ContextVar("may_block", default=False)
"""True in a thread whose event loop serves nobody else, such as the history's own."""

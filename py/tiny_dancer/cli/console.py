"""Where the commands print for people: names stand as they are, brackets and all."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def open_console(*, stderr: bool = False) -> "Console":
    """A console that takes no markup, emoji or colours out of a text."""
    from rich.console import Console  # slow to import, and not needed for JSON

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)

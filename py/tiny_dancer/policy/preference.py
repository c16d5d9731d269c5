"""Names and order of a bundle's models: cheapest first, the powerful one last."""

from collections.abc import Iterator, Sequence
from typing import Final

LIGHT: Final = "light"
POWERFUL: Final = "powerful"
"""Names that every bundle answers to: its cheapest model and its dearest one."""

AUTO: Final = "auto"
"""The name of no model: the router chooses."""


def resolve_name(name: str, models: Sequence[str]) -> str:
    """The model's own name, where it was called `light` or `powerful`; else the name as it is."""
    if name in models:
        return name
    return {LIGHT: models[0], POWERFUL: models[-1]}.get(name, name)


def prefer(choice: int, n: int) -> Iterator[int]:
    """Indices of n models in the order they stand in for one another.

    The choice, then the dearer ones, cheapest first, then the cheaper ones, dearest first.
    """
    yield choice
    yield from range(choice + 1, n)
    yield from range(choice - 1, -1, -1)

"""Which model takes a request when breakers are open."""

from collections.abc import Sequence

from ..response import Reason


def by_breakers(choice: int, reason: Reason, healthy: Sequence[bool]) -> tuple[int, Reason]:
    """The decided choice where its model is healthy, else the next best healthy one.

    That is the cheapest healthy one that is dearer, or where none is, the dearest healthy one that
    is cheaper. With no healthy model at all the choice stays and the reason says so.

    Args:
        choice: index of the model decided for, cheapest first.
        reason: why.
        healthy: by model, False while its breaker is open, or half-open without a lease.
    """
    if healthy[choice]:
        return choice, reason
    last = len(healthy) - 1
    why = Reason.BREAKER_POWERFUL_OPEN if choice == last else Reason.BREAKER_LIGHT_OPEN
    for m in (*range(choice + 1, last + 1), *range(choice - 1, -1, -1)):
        if healthy[m]:
            return m, why
    return choice, Reason.BOTH_BREAKERS_OPEN

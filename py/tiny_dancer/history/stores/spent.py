"""What was spent under a name in a period: the one state that is added to and not replaced."""

import json
from typing import Any, Final

SPENT: Final = "spent"
"""Kind of these states."""


def add_to_spent(
    text: str | None, period: str, amount: float, most: float
) -> tuple[str, float] | None:
    """The state's next text and its sum; None where it is not to be changed.

    The same as the statement `SPEND` of sql.py.

    Args:
        text: of the state; None where there is none.
        period: the later one by the order of texts wins.
        amount: to add; less than 0 gives back, at most down to 0.
        most: bound of the sum.
    """
    kept: dict[str, Any] = {"period": period, "sum": 0.0} if text is None else json.loads(text)
    if kept["period"] > period:
        return None
    total = (kept["sum"] if kept["period"] == period else 0.0) + amount
    if total > most:
        return None
    total = max(0.0, total)
    return json.dumps({"period": period, "sum": total}), total

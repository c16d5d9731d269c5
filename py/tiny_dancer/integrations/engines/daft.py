"""Daft: a class whose method decides for a column of prompts."""

from pathlib import Path

import daft

from ...policy import Policy
from .batch import RouteBatch
from .columns import COLUMNS, NUMBERS

_TYPES = {
    name: daft.DataType.float64() if name in NUMBERS else daft.DataType.string() for name in COLUMNS
}


@daft.cls
class RouteColumn:
    """Decides for a column: `frame.select("prompt", RouteColumn().route(frame["prompt"]))`.

    Args:
        model: as for `RouteBatch`.
        policy: as for `RouteBatch`.
    """

    def __init__(
        self,
        model: str | Path | bytes | None = None,
        policy: Policy | str | Path | None = None,
    ) -> None:
        self._route = RouteBatch(model, policy)

    @daft.method.batch(return_dtype=daft.DataType.struct(_TYPES), unnest=True)
    def route(self, prompts: daft.Series) -> daft.Series:
        """The columns of `RouteBatch`, one row for each prompt."""
        columns = self._route.decide(prompts.to_pylist())
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return daft.Series.from_pylist(rows, dtype=daft.DataType.struct(_TYPES))

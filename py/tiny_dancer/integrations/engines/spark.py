"""Spark: a function for `pyspark.ml.functions.predict_batch_udf`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from ...policy import Policy
from .batch import RouteBatch
from .columns import COLUMNS, NUMBERS, add_columns

RETURN_TYPE: Final = ", ".join(f"{n} {'double' if n in NUMBERS else 'string'}" for n in COLUMNS)
"""What the function returns, in Spark's words for a schema."""


def make_predict_fn(
    model: str | Path | bytes | None = None, policy: Policy | str | Path | None = None
) -> Callable[[Any], dict[str, Any]]:
    """From an array of prompts to arrays of `RouteBatch`'s columns, by name.

    Spark calls it once a worker and takes no arguments to it: `functools.partial` gives them.

    Args:
        model: as for `RouteBatch`.
        policy: as for `RouteBatch`.
    """
    route = RouteBatch(model, policy)

    def predict(prompts: Any) -> dict[str, Any]:
        added = add_columns({route.prompt: prompts}, route.decide(prompts.tolist()))
        return {name: added[name] for name in COLUMNS}

    return predict

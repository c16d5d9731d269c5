"""Spark: a function for `pyspark.ml.functions.predict_batch_udf`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...policy import Policy
from .batch import RouteBatch
from .columns import COLUMNS, NUMBERS, add_columns


def make_return_type() -> Any:
    """The `return_type` that `predict_batch_udf` asks for: a struct of `RouteBatch`'s columns."""
    from pyspark.sql.types import DoubleType, StringType, StructField, StructType

    return StructType(
        [StructField(name, DoubleType() if name in NUMBERS else StringType()) for name in COLUMNS]
    )


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

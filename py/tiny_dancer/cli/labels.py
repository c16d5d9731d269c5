"""What the commands that read labels have in common."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer

from ..adapt import Labels, read_labels
from ..adapt.labels import order_warning
from ..errors import InvalidInputError
from ..integrations.logs import COLUMNS, Entry, join_pairs
from ..integrations.logs.entry import read_mark
from ..tables import Row, open_table


def names_of(models: str) -> list[str]:
    """The names of an option such as `mini,large`."""
    return [name.strip() for name in models.split(",") if name.strip()]


def read_labels_or_calls(path: Path, models: Sequence[str] = ()) -> Labels:
    """Labels; or, of the calls that `import` wrote, the prompts that every model answered.

    Raises:
        InvalidInputError: it is neither; or no prompt met several models with a mark.
    """
    with open_table(path, needs=()) as table:
        first = next((row for row in table.each() if isinstance(row, Row)), None)
    if first is None or not set(COLUMNS) <= first.values.keys():
        return read_labels(path, models)
    with open_table(path, needs=COLUMNS) as table:
        names, rows = join_pairs(
            Entry(None, row.text("prompt"), row.text("model"), read_mark(row.values["score"]))
            for row in table
        )
    if not rows:
        raise InvalidInputError(
            f"{path}: no prompt was answered with a mark by several models, so there are no pairs"
        )
    lines = "\n".join(json.dumps(row) for row in rows)
    return read_labels(lines.encode(), models or names, name="pairs.jsonl")


def warn_of_order(labels: Labels, bundle: Sequence[str] = ()) -> None:
    """Say it on standard error where the columns seem to stand dearest first.

    Args:
        labels: in the order in which they will be used.
        bundle: models of a bundle; where the labels have the same names, those rule the order.
    """
    if set(labels.models) != set(bundle) and (warning := order_warning(labels)):
        typer.secho(f"warning: {warning}", err=True, fg="yellow")

"""What the commands that read labels have in common."""

from collections.abc import Sequence

import typer

from ..adapt import Labels
from ..adapt.labels import order_warning


def names_of(models: str) -> list[str]:
    """The names of an option such as `mini,large`."""
    return [name.strip() for name in models.split(",") if name.strip()]


def warn_of_order(labels: Labels, bundle: Sequence[str] = ()) -> None:
    """Say it on standard error where the columns seem to stand dearest first.

    Args:
        labels: in the order in which they will be used.
        bundle: models of a bundle; where the labels have the same names, those rule the order.
    """
    if set(labels.models) != set(bundle) and (warning := order_warning(labels)):
        typer.secho(f"warning: {warning}", err=True, fg="yellow")

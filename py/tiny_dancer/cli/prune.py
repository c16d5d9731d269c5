"""`tiny-dancer prune`: a smaller bundle, most of its weights zero."""

from pathlib import Path
from typing import Annotated

import typer

from ..adapt import read_labels
from ..adapt.adapt import match_models
from ..files.output import check_output, write_file
from ..model import read_bundle
from .console import open_console
from .labels import names_of, warn_of_order
from .train import missing


def prune(
    bundle: Annotated[Path, typer.Argument(help="The bundle to prune.")],
    labels: Annotated[
        Path,
        typer.Argument(help="CSV or JSON (lines), or .gz: prompt, one score in [0, 1] a model."),
    ],
    out: Annotated[Path, typer.Option(help="Where the smaller bundle goes.")],
    share: Annotated[float, typer.Option(help="Of the weights that go, in (0, 1).")] = 0.8,
    models: Annotated[
        str, typer.Option(help="Score columns to read, cheapest first: mini,large.")
    ] = "",
) -> None:
    """Prune a bundle step by step, fitted to the labels in between; then look with inspect."""
    if not 0 < share < 1:
        raise typer.BadParameter("a number in (0, 1) is needed", param_hint="share")
    check_output(out, labels, bundle)
    whole = read_bundle(bundle)
    known = match_models(whole, read_labels(labels, names_of(models)))
    warn_of_order(known, whole.config.models)
    try:
        from ..train.pruning import prune_labels
    except ModuleNotFoundError as error:
        raise missing(error) from None
    console = open_console(stderr=True)
    data = prune_labels(known, whole, share, console.print)
    write_file(out, data)
    estimate = read_bundle(data).policy.estimate
    if estimate is not None:
        print(
            f"{out}: {len(data):,} bytes of {whole.n_bytes:,}. On {estimate.n:,} held-out prompts "
            f"its policy keeps {estimate.quality_kept:.1%} of {whole.config.models[-1]}'s quality "
            f"and sends {estimate.light_share:.1%} to cheaper models."
        )

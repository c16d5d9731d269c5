"""`tiny-dancer train`: a bundle from labels of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from ..adapt import read_labels, read_prices
from ..checks import shown
from ..errors import BundleError, InvalidInputError
from ..files.output import check_output, write_file
from ..hosts.package_data import default_bundle
from ..model import Bundle, read_bundle
from ..model.bundle import find_name_fault
from .console import open_console
from .labels import names_of, warn_of_order

SIZES = (16, 32, 48, 64)
VOCABULARY = range(1_000, 32_768 + 1)


def train(
    labels: Annotated[
        Path,
        typer.Argument(help="CSV or JSON (lines), or .gz: prompt, one score in [0, 1] a model."),
    ],
    out: Annotated[Path, typer.Option(help="Where the bundle goes.")],
    prices: Annotated[
        Path | None,
        typer.Option(help="Price of each model (JSON or CSV); else cheapest first by column."),
    ] = None,
    models: Annotated[
        str, typer.Option(help="Score columns to read, where there are others: mini,large.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Another seed, another network.", min=0)] = 0,
    epochs: Annotated[
        int | None,
        typer.Option(help="At most so many passes; fewer where they do not help.", min=1),
    ] = None,
    hidden: Annotated[
        int | None, typer.Option(help="Units of the network: 16, 32, 48, 64.")
    ] = None,
    vocabulary: Annotated[
        int | None,
        typer.Option(
            help="Entries, chosen from the start's and the prompts' words; else the start's.",
            min=VOCABULARY[0],
            max=VOCABULARY[-1],
        ),
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Bundle to start from; else the shipped one.")
    ] = None,
) -> None:
    """Train a bundle for two to sixteen models; then look at it with eval and inspect."""
    if hidden is not None and hidden not in SIZES:
        raise typer.BadParameter(
            f"one of {', '.join(map(str, SIZES))} is needed", param_hint="hidden"
        )
    check_output(out, labels, prices)
    table = read_prices(prices) if prices is not None else None
    known = read_labels(labels, names_of(models), table)
    if fault := find_name_fault(known.models):  # before the work, not after it
        at, what = fault
        raise InvalidInputError(f"{labels}: column {shown(known.models[at], 40)}: {what}")
    if table is None:
        warn_of_order(known)
    first = _start(start)
    try:
        from ..train.user import recipe, train_labels
    except ModuleNotFoundError as error:
        raise missing(error) from None
    console = open_console(stderr=True)
    console.print(f"{len(known):,} prompts; cheapest first: {', '.join(known.models)}")
    settings = recipe(seed, hidden, epochs)
    data = train_labels(known, first, settings, vocabulary, console.print)
    write_file(out, data)
    estimate = read_bundle(data).policy.estimate
    if estimate is not None:
        print(
            f"{out}: {len(data):,} bytes. On {estimate.n:,} held-out prompts its policy keeps "
            f"{estimate.quality_kept:.1%} of {known.models[-1]}'s quality and sends "
            f"{estimate.light_share:.1%} to cheaper models."
        )


def missing(error: ModuleNotFoundError) -> InvalidInputError:
    """What to say where the extra is not installed."""
    return InvalidInputError(f"{error.name} is not installed: pip install '.[train]' in a clone")


def _start(path: Path | None) -> Bundle:
    source = default_bundle() if path is None else path
    if source is None:
        raise BundleError("this installation ships no bundle; name one with --start")
    return read_bundle(source)

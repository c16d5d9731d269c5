"""`tiny-dancer adapt`: a bundle's heads re-fitted to labels of one's own."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from ..adapt import Adapted, Figures, read_labels
from ..adapt import adapt as adapt_heads
from ..adapt.ladder import Learned
from ..adapter import learn
from ..files.output import check_output, write_file
from ..model import read_bundle
from .history import open_history
from .labels import names_of, warn_of_order


def adapt(
    bundle: Annotated[Path, typer.Argument(help="The bundle to start from.")],
    labels: Annotated[
        Path,
        typer.Argument(
            help="CSV or JSON (lines), or .gz: prompt, one score in [0, 1] a model; or a history."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where the new bundle goes.")],
    models: Annotated[
        str, typer.Option(help="Score columns to read, cheapest first: mini,large.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Re-fit a bundle's heads to labels; writes nothing unless they win on held-out labels."""
    check_output(out, labels)
    learned = asyncio.run(_learn(bundle, labels))
    if learned is not None:
        if learned.bundle is not None:
            write_file(out, learned.bundle)
        print(json.dumps(learned.to_dict()) if as_json else describe(learned, out))
        return
    known = read_labels(labels, names_of(models))
    warn_of_order(known, read_bundle(bundle).config.models)
    result = adapt_heads(read_bundle(bundle), known, lambda line: typer.echo(line, err=True))
    if result.bundle is not None:
        write_file(out, result.bundle)
    if as_json:
        print(json.dumps(result.to_dict()))
    else:
        print(verdict(result, out))


async def _learn(bundle: Path, history: Path) -> Learned | None:
    """What comes of a history's outcomes; None where the file is none."""
    store = await open_history(history)
    if store is None:
        return None
    try:
        return await learn(store, read_bundle(bundle))
    finally:
        await store.close()


def describe(learned: Learned, out: Path) -> str:
    """What came of a history's outcomes, for a person."""
    lines = [f"{learned.n:,} paired outcomes"]
    lines += [
        f"{one.name}: log-loss {one.log_loss:.4f} on outcomes held out, "
        f"{one.margin:+.1f} standard errors better than below"
        for one in learned.tried
    ]
    end = "The bundle stays; nothing is written."
    if learned.bundle is not None:
        end = f"{learned.rung} win: {out}. Certify it by outcomes of its own."
    return "\n".join([*lines, end])


def verdict(result: Adapted, out: Path) -> str:
    """What came of it, for a person."""
    lines = [f"{name}: {_figures(f)}" for name, f in (("old", result.old), ("new", result.new))]
    if not result.kept:
        if result.new.apgr is None:
            lines.append("On the whole the models do equally well: a ranking cannot be judged.")
        return "\n".join([*lines, "The old heads stay; nothing is written."])
    rows = (
        "with new calibration rows and a new policy"
        if result.recalibrated
        else "the labels are too few for new calibration rows and a new policy: the old ones stay"
    )
    return "\n".join([*lines, f"The new heads win: {out}, {rows}."])


def _figures(figures: Figures) -> str:
    ranks = "not defined" if figures.apgr is None else f"{figures.apgr:.3f}"
    return f"log-loss {figures.log_loss:.4f}, APGR {ranks} on labels held out"

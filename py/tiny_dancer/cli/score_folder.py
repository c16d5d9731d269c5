"""`tiny-dancer score --engine`: a folder of prompts, decided shard by shard on an engine."""

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from ..integrations.engines.run import Engine as Run

SHOWN = 10
"""Shards that failed and are named; the rest is counted."""


class Engine(StrEnum):
    """What decides for shards."""

    LOCAL = "local"
    RAY = "ray"


def score_folder(source: Path, target: Path, bundle: Path | None, engine: Engine) -> None:
    """Decide for what is left of a folder, show how far it is, and say what failed."""
    from ..integrations.engines.batch import RouteBatch  # no part of the start of `score`
    from ..integrations.engines.run import open_run

    decide = _open_engine(engine)
    route = RouteBatch(bundle)
    run = open_run(source, target, route)
    done, n = len(run.shards) - len(run.left), len(run.shards)
    typer.echo(f"{done:,} of {n:,} shards were done; {len(run.left):,} are left", err=True)
    rows = errors = failed = 0
    started = time.monotonic()
    for shard, result in decide(run.left, route) if run.left else ():
        if isinstance(result, Exception):
            failed += 1
            if failed <= SHOWN:
                typer.secho(f"{shard.target.name}: {result}", err=True, fg="red")
            continue
        done, rows, errors = done + 1, rows + result.rows, errors + result.errors
        typer.echo(f"{done:,} of {n:,} shards, {rows:,} rows", err=True)
    seconds = time.monotonic() - started
    typer.echo(
        f"{rows:,} rows in {seconds:.1f} s; {errors:,} with td_error; {failed:,} shards failed",
        err=True,
    )
    if failed:
        raise typer.Exit(1)


def _open_engine(engine: Engine) -> "Run":
    if engine is Engine.LOCAL:
        from ..integrations.engines.run import score_here

        return score_here
    try:
        from ..integrations.engines.ray import score_on_ray
    except ImportError:
        raise InvalidInputError("--engine ray: Ray is not installed; pip install 'ray'") from None
    return score_on_ray

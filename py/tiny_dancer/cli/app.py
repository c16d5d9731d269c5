"""The commands and their exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 interrupted."""

import sys

import typer

from ..errors import TinyDancerError
from .adapt import adapt
from .eval import evaluate
from .inspect import inspect
from .route import route
from .score import score
from .serve import serve
from .train import train

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Decide in microseconds whether a cheap language model is good enough.",
)
app.command()(route)
app.command()(score)
app.command()(inspect)
app.command()(serve)
app.command()(train)
app.command("eval")(evaluate)
app.command()(adapt)


def main() -> None:
    """Run the command; one line on standard error says why where the work failed."""
    try:
        app()
    except TinyDancerError as error:
        typer.secho(f"tiny-dancer: {error}", err=True, fg="red")
        sys.exit(1)

"""The commands and their exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 interrupted."""

import os
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from ..errors import TinyDancerError

COMMANDS: Final = {
    "route": "route",
    "score": "score",
    "inspect": "inspect",
    "serve": "serve",
    "train": "train",
    "eval": "evaluate",
    "adapt": "adapt",
    "prune": "prune",
    "calibrate": "calibrate",
    "report": "report",
    "replay": "replay",
    "drift": "drift",
    "import": "import_logs",
}
"""Name of each command, which is that of its module, and its function."""

MODULES: Final = {"import": "import_logs"}
"""Modules of commands whose names are words of the language."""


class Commands(TyperGroup):
    """Imports a command's module when it is asked for: no start pays for the others."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".{MODULES.get(cmd_name, cmd_name)}", __package__)
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(getattr(module, COMMANDS[cmd_name]))
        return typer.main.get_command(alone)


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _tell_version(asked: bool) -> None:
    """Print the version where it is asked for, and end."""
    if asked:
        from importlib.metadata import version  # slow to import

        print(f"tiny-dancer {version('tiny-dancer')}")
        raise typer.Exit


@app.callback()
def tiny_dancer(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Decide in microseconds whether a cheap language model is good enough."""


def main() -> None:
    """Run the command; one line on standard error says why where the work failed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that cannot show a letter shows its code
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app()
        finally:
            _flush()
    except TinyDancerError as error:
        _fail(str(error))
    except OSError as error:
        reason = error.strerror or str(error)
        _fail(f"{error.filename or 'standard output'}: {reason}")
    except MemoryError:
        _fail("there is not enough memory for this")


def _flush() -> None:
    """Write out what was printed; where that fails, so that the interpreter's end does not."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise OSError(error.errno, error.strerror, "standard output") from None


def _fail(why: str) -> NoReturn:
    with suppress(OSError):  # nobody reads it
        typer.secho(f"tiny-dancer: {' '.join(why.splitlines())}", err=True, fg="red")
    sys.exit(1)

"""`tiny-dancer inspect`: what is inside a bundle or a policy."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import BundleError, PolicyError
from ..files.input import name_of, read_text
from ..hosts.package_data import default_bundle, kept_left_out
from ..model import read_model
from ..model.bundle import Bundle
from ..model.describe import describe, describe_policy
from ..policy import Policy
from .console import open_console


def inspect(
    file: Annotated[
        Path | None,
        typer.Argument(help="A bundle, or a policy (.json); the shipped bundle where left out."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what is inside a bundle or a policy: sizes, constants, policy, provenance."""
    facts = _facts(file)
    if as_json:
        print(json.dumps(facts))
        return
    from rich.table import Table  # slow to import, and not needed for JSON
    from rich.text import Text

    console = open_console()
    for title, section in facts.items():
        console.print(Text(title, "bold"))
        rows = Table(show_header=False, box=None, pad_edge=False)
        for name, value in section.items():
            rows.add_row(Text(_shown(f"  {name}")), Text(_shown(value)))
        console.print(rows)


def _shown(value: object) -> str:
    """A value as it is printed: what a stranger wrote moves no cursor."""
    plain = isinstance(value, str) and value.isprintable()
    return str(value) if plain else json.dumps(value)


def _facts(file: Path | None) -> dict[str, dict[str, Any]]:
    if file is None:
        data = default_bundle()
        if data is None:
            raise BundleError("this installation ships no bundle; name a file")
        return _bundle_facts(read_model(data))
    if file.suffix.lower() == ".json":
        try:
            return {"policy": describe_policy(Policy.from_json(read_text(file)))}
        except PolicyError as error:
            raise PolicyError(f"{name_of(file)}: {error}") from None
    return _bundle_facts(read_model(file))


def _bundle_facts(bundle: Bundle) -> dict[str, dict[str, Any]]:
    return describe(bundle, kept_left_out(bundle.bundle_hash))

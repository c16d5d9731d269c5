"""`tiny-dancer inspect`: what is inside a bundle."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ..hosts.package_data import default_bundle
from ..model import Bundle, read_bundle


def inspect(
    bundle: Annotated[
        Path | None, typer.Argument(help="The shipped bundle where left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what is inside a bundle: sizes, constants, default policy, provenance."""
    facts = describe(read_bundle(bundle if bundle is not None else default_bundle() or b""))
    if as_json:
        print(json.dumps(facts))
        return
    console = Console(highlight=False)
    for title, section in facts.items():
        rows = Table(show_header=False, box=None, pad_edge=False, title=title, title_justify="left")
        for name, value in section.items():
            rows.add_row(name, value if isinstance(value, str) else json.dumps(value))
        console.print(rows, "")


def describe(bundle: Bundle) -> dict[str, dict[str, Any]]:
    """The facts of a bundle by section, JSON-ready."""
    return {
        "bundle": {"sha256": bundle.bundle_hash, "bytes": bundle.n_bytes, **bundle.sizes},
        "tensors": {name: values.nbytes for name, values in bundle.tensors.items()},
        "config": bundle.config.to_dict(),
        "policy": {"id": bundle.policy.id, **bundle.policy.to_dict()},
        "provenance": dict(bundle.provenance),
    }

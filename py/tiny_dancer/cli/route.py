"""`tiny-dancer route`: one decision."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ..router import Router
from ..types import RoutingResponse


def route(
    text: Annotated[str, typer.Argument(help="The prompt; - reads standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use instead.")] = None,
) -> None:
    """Decide for one prompt."""
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    response = Router(model=bundle).route(text)
    if as_json:
        print(json.dumps(response.to_dict()))
    else:
        Console(highlight=False).print(table(response))


def table(response: RoutingResponse) -> Table:
    """The decision as a person reads it."""
    rows = Table(show_header=False, box=None, pad_edge=False)
    colour = "green" if response.use_lightweight else "magenta"
    rows.add_row("model", f"[bold {colour}]{response.model}[/]")
    rows.add_row("reason", str(response.reason).replace("_", " "))
    if response.confidence is not None:
        interval = response.interval
        near = (
            f"  (90 % of similar prompts: {interval[0]:.2f} to {interval[1]:.2f})"
            if interval
            else ""
        )
        rows.add_row("confidence", f"{response.confidence:.3f}{near}")
        rows.add_row("uncertainty", f"{response.uncertainty:.3f}")
        rows.add_row("could be", " or ".join(response.prediction_set) or "neither")
        bound = f"  (threshold {response.threshold:.3f})" if response.threshold is not None else ""
        rows.add_row("score", f"{response.score:.3f}{bound}")
        rows.add_row("tokens", f"{response.n_tokens}{'  (cut)' if response.truncated else ''}")
    if response.inference_time_us is not None:
        rows.add_row("time", f"{response.inference_time_us:.0f} µs")
    return rows

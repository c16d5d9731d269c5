"""`tiny-dancer route`: one decision."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..candidates.candidate import Candidate
from ..errors import InvalidInputError
from ..response import RoutingResponse
from ..router import Router

if TYPE_CHECKING:
    from rich.table import Table


def route(
    text: Annotated[str, typer.Argument(help="The prompt; - reads standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use instead.")] = None,
    candidates: Annotated[
        Path | None, typer.Option(help="JSON list of candidates, as Candidate takes them.")
    ] = None,
    top_k: Annotated[int | None, typer.Option(help="Candidates to return, 1 to 64.")] = None,
) -> None:
    """Decide for one prompt."""
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    known = read_candidates(candidates) if candidates is not None else None
    response = Router(model=bundle).route(text, candidates=known, top_k=top_k)
    if as_json:
        print(json.dumps(response.to_dict()))
    else:
        from rich.console import Console

        Console(highlight=False).print(table(response))


def read_candidates(file: Path) -> list[Candidate]:
    """The candidates of a JSON file.

    Raises:
        InvalidInputError: it cannot be read or one is malformed; names the file and the index.
    """
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInputError(f"{file}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"{file}: not JSON: {error}") from None
    if not isinstance(rows, list):
        raise InvalidInputError(f"{file}: a list of candidates is needed")
    found = []
    for at, row in enumerate(rows):
        try:
            found.append(Candidate(**row))
        except (TypeError, InvalidInputError) as error:
            raise InvalidInputError(f"{file}: candidate {at}: {error}") from None
    return found


def table(response: RoutingResponse) -> "Table":
    """The decision as a person reads it."""
    from rich.table import Table  # slow to import, and not needed for JSON

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
    for decision in response.decisions:
        rows.add_row(f"{decision.rank + 1}.", f"{decision.candidate_id}  {decision.confidence:.3f}")
    if response.inference_time_us is not None:
        rows.add_row("time", f"{response.inference_time_us:.0f} µs")
    return rows

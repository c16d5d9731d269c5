"""`tiny-dancer route`: one decision."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..candidates.candidate import Candidate
from ..response import RoutingResponse
from ..router import Router
from .console import open_console

if TYPE_CHECKING:
    from rich.table import Table

    from ..explanation import Explanation


def route(
    text: Annotated[str | None, typer.Argument(help="The prompt; - reads standard input.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use instead.")] = None,
    history: Annotated[
        Path | None,
        typer.Option(help="Decide as routers of this history do; nothing is written to it."),
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Decide by this policy: POLICY.json.")] = None,
    candidates: Annotated[
        Path | None,
        typer.Option(help="JSON list or lines of candidates, as Candidate takes them."),
    ] = None,
    top_k: Annotated[int | None, typer.Option(help="Candidates to return, 1 to 64.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what moved the decision.")
    ] = False,
    request: Annotated[
        Path | None,
        typer.Option(help="Instead of a prompt: a whole request as JSON; - reads standard input."),
    ] = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format", help="Of the request, where its shape does not say it: chat, messages, ..."
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="A gateway's settings, to route the request by.")
    ] = None,
) -> None:
    """Decide for one prompt, or say what a gateway would do with a whole request."""
    if (text is None) == (request is None):
        raise typer.BadParameter("exactly one of a prompt and --request FILE is needed")
    if text is None and (candidates is not None or top_k is not None or explain):
        raise typer.BadParameter("--candidates, --top-k and --explain go with a prompt")
    if text is None and (history is not None or policy is not None):
        raise typer.BadParameter("--history and --policy go with a prompt")
    if request is None and (format_name is not None or config is not None):
        raise typer.BadParameter("--format and --config go with --request")
    if request is not None:
        from .request import draw_request, tell_request

        told = tell_request(request, format_name, config, bundle)
        if as_json:
            print(json.dumps(told))
        else:
            open_console().print(draw_request(told))
        return
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    known = read_candidates(candidates) if candidates is not None else None
    store = rule = None
    if history is not None or policy is not None:  # a decision without them loads no history
        from .history import copy_states, load_policy

        store = copy_states(history) if history is not None else None
        rule = load_policy(policy) if policy is not None else None
    router = Router(model=bundle, store=store, policy=rule)
    response = router.route(text, candidates=known, top_k=top_k)
    found = router.explain(text or "") if explain else None
    if as_json:
        more = {"explanation": found.to_dict()} if found is not None else {}
        print(json.dumps({**response.to_dict(), **more}))
    else:
        open_console().print(table(response))
        if found is not None:
            print(describe(found))


def describe(found: "Explanation") -> str:
    """An explanation as a person reads it: the strongest words first."""
    told = [span for span in found.spans if span.effect is not None]
    told.sort(key=lambda span: -abs(span.effect or 0.0))
    lines = ["", "Without these the score would be lower (+) or higher (-) by so much:"]
    lines += [f"{span.effect:+.3f}  {' '.join(span.text.split())[:60]}" for span in told[:12]]
    cues = sorted(found.cues.items(), key=lambda cue: -cue[1])
    lines.append("Counted: " + ", ".join(f"{name} {v:.2f}" for name, v in cues if v > 0))
    if found.neighbours is not None:
        n, works = found.neighbours.n, found.neighbours.works
        lines.append(
            f"Of the {n} calibration prompts nearest in confidence light answered {works} well."
        )
    return "\n".join(lines)


def read_candidates(file: Path) -> list[Candidate]:
    """The candidates of a file: an array of JSON, or JSON lines.

    Raises:
        InvalidInputError: it cannot be read or one is malformed; names file, line and index.
    """
    from ..candidates.candidate_json import candidate_of
    from ..tables import TableError, open_table

    with open_table(file, ("id", "created_at")) as table:
        if table.header_line is not None:
            raise TableError(table.name, "an array of JSON, or JSON lines, is needed", 1)
        return [
            candidate_of(row.values, f"{table.name}: line {row.line}: candidate {at}")
            for at, row in enumerate(table)
        ]


def table(response: RoutingResponse) -> "Table":
    """The decision as a person reads it."""
    from rich.table import Table  # slow to import, and not needed for JSON
    from rich.text import Text

    rows = Table(show_header=False, box=None, pad_edge=False)
    colour = "green" if response.use_lightweight else "magenta"
    rows.add_row("model", Text(str(response.model), f"bold {colour}"))
    rows.add_row("reason", str(response.reason).replace("_", " "))
    if response.confidence is not None:
        interval = response.interval
        near = f"  ({interval[0]:.2f} to {interval[1]:.2f} on similar prompts)" if interval else ""
        rows.add_row("confidence", f"{response.confidence:.3f}{near}")
        rows.add_row("uncertainty", f"{response.uncertainty:.3f}")
        rows.add_row("not ruled out", " or ".join(response.prediction_set) or "neither")
        bound = f"  (threshold {response.threshold:.3f})" if response.threshold is not None else ""
        rows.add_row("score", f"{response.score:.3f}{bound}")
        rows.add_row("tokens", f"{response.n_tokens}{'  (cut)' if response.truncated else ''}")
    for decision in response.decisions:
        rows.add_row(f"{decision.rank + 1}.", f"{decision.candidate_id}  {decision.confidence:.3f}")
    if response.inference_time_us is not None:
        rows.add_row("time", f"{response.inference_time_us:.0f} µs")
    return rows

"""`tiny-dancer replay`: what another policy would have done with the decisions of a history."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InvalidInputError
from ..files.input import name_of
from ..model import Bundle
from ..policy import Policy
from ..report.comparison import Choice
from ..report.replay import Replay
from ..report.replay import replay as decide_again
from .history import load_bundle, load_policy, open_history


def replay(
    history: Annotated[
        Path, typer.Argument(help="A history (SQLite, or JSON lines of an export).")
    ],
    policy: Annotated[Path, typer.Option(help="The policy to decide by: POLICY.json.")],
    bundle: Annotated[
        Path | None, typer.Option(help="The bundle that decides; the shipped one where left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Decide stored decisions again: which change, and what that costs and keeps."""
    found = asyncio.run(_replay(history, load_bundle(bundle), load_policy(policy)))
    print(json.dumps(found.to_dict()) if as_json else describe(found))


def describe(found: Replay) -> str:
    """The replay for a person."""
    lines = [
        f"{found.changed:,} of {found.decisions:,} decisions change: {found.to_light:,} to the "
        f"light model, {found.to_powerful:,} to the powerful one."
    ]
    if kept := sum(found.kept.values()):
        named = ", ".join(f"{reason} {n:,}" for reason, n in found.kept.items())
        lines.append(f"No policy changes {kept:,} of them: {named}.")
    if found.skipped:
        lines.append(f"Left out: {found.skipped:,} that the router did not make with this bundle.")
    if found.before is None or found.after is None:
        lines.append("Quality and cost: not known, for no pair of answers was graded.")
    else:
        lines += [f"recorded: {_describe_choice(found.before)}"]
        lines += [f"replayed: {_describe_choice(found.after)}"]
    return "\n".join(lines)


def _describe_choice(choice: Choice) -> str:
    kept = choice.kept and choice.kept.cap()
    shown = "quality not known"
    if kept is not None:
        shown = f"{kept.estimate:.1%} of the quality ({kept.low:.1%} to {kept.high:.1%})"
    cost = "" if choice.cost is None else f", {choice.cost:,.6g} per 1,000 requests"
    return f"{choice.light_share:.1%} light, {shown}{cost}"


async def _replay(path: Path, bundle: Bundle, policy: Policy) -> Replay:
    store = await open_history(path)
    if store is None:
        raise InvalidInputError(f"{name_of(path)}: a history is needed, or its export")
    try:
        return await decide_again(store, bundle, policy)
    finally:
        await store.close()

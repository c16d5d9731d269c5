"""`tiny-dancer drift`: does the certified policy of a history still hold?"""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ..drift import Drift, Evidence
from ..errors import InvalidInputError
from ..files.input import open_file
from ..history import SQLiteStore
from ..router import Router


def drift(
    history: Annotated[Path, typer.Argument(help="A history (SQLite).")],
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge", help="End an alarm; the monitors start anew.")
    ] = False,
    bundle: Annotated[
        Path | None, typer.Option(help="The bundle that decides; the shipped one where left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what the monitors of the certified policy in a history have seen."""
    with open_file(history):
        pass  # refused by name where it is none
    with Router(model=bundle, store=SQLiteStore(history)) as router:
        found = router.drift()
        loaded, unreadable = router.bundle, router._history.views.reading.unreadable
        if loaded is not None and loaded.bundle_hash in unreadable:
            raise InvalidInputError(
                f"{history}: its policy of this bundle cannot be read, so every decision is "
                "powerful; calibrate anew"
            )
        if acknowledge and found is not None:
            found = asyncio.run(router.acknowledge_drift())
    if found is None:
        raise InvalidInputError(f"{history}: it holds no certified policy of this bundle")
    print(json.dumps(found.to_dict()) if as_json else describe(found))


def describe(found: Drift) -> str:
    """The monitors, for a person."""
    verdict = {
        "steady": "Nothing speaks against the certificate.",
        "warning": "Prompts are other than before; the certificate is about those before.",
        "alarm": "The certified target no longer holds: every decision is powerful.",
    }[found.state]
    if found.is_unreadable:
        verdict = (
            "The evidence cannot be read, and may have been an alarm: every decision is powerful "
            "until it is acknowledged or the router is calibrated anew."
        )
    loss, scores = found.loss, found.scores
    return "\n".join(
        [
            f"policy {found.policy_id}: {verdict}",
            f"loss: {_show(loss)}, over {loss.n:,} graded prompts",
            f"scores: {_show(scores)}, over {scores.n:,} decisions",
        ]
    )


def _show(evidence: Evidence) -> str:
    since = ""
    if evidence.since is not None:
        since = f", since {datetime.fromtimestamp(evidence.since, UTC):%Y-%m-%d %H:%M} UTC"
    return f"evidence {evidence.e_value:.3g} of {evidence.bound:g}{since}"

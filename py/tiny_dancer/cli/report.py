"""`tiny-dancer report`: is it safe to switch the router on, and what does it save?"""

import asyncio
import json
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from ..adapt import read_prices
from ..adapt.paired_outcomes import score_labels
from ..calibration.paired_outcome import select_distinct
from ..files.output import check_output, write_file
from ..history.records.outcome import PEOPLE
from ..model import Bundle
from ..report.evidence import Evidence
from ..report.page import build_page
from ..report.report import Report, make_report, report_on
from ..report.traffic import Traffic
from .history import load_bundle, open_history
from .labels import names_of, read_labels_or_calls


def report(
    history: Annotated[
        Path,
        typer.Argument(
            help="A history (SQLite, or JSON lines of an export), or labels: prompt, one score a "
            "model; or what `import` wrote."
        ),
    ],
    html: Annotated[Path | None, typer.Option(help="Write the page: REPORT.html.")] = None,
    days: Annotated[
        float | None, typer.Option(help="Only what is at most so many days old.", min=0.0)
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="The bundle that decides; the shipped one where left out.")
    ] = None,
    models: Annotated[
        str, typer.Option(help="Score columns of the labels, cheapest first: mini,large.")
    ] = "",
    prices: Annotated[
        Path | None, typer.Option(help="For labels: money for one answer by model (JSON or CSV).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say whether it is safe to switch the router on, and what it saves, from observed traffic."""
    if html is not None:
        check_output(html, history, bundle, prices)
    loaded, now = load_bundle(bundle), time.time()
    since = 0.0 if days is None else now - days * 86_400
    found = asyncio.run(_report_history(history, loaded, now, since))
    if found is None:
        table = read_prices(prices) if prices is not None else None
        found = _report_labels(history, loaded, names_of(models), table, now)
    if html is not None:
        write_file(html, build_page(found).encode())
    print(json.dumps(found.to_dict()) if as_json else describe(found, html))


def describe(found: Report, html: Path | None = None) -> str:
    """The report for a person, in a few lines."""
    traffic, evidence = found.evidence.traffic, found.evidence
    share = "none" if traffic.light_share is None else f"{traffic.light_share:.1%}"
    lines = [
        found.verdict,
        f"Requests: {traffic.requests:,}, for the light model: {share}. Pairs: "
        f"{len(evidence.pairs):,}, of them not graded: {evidence.ungraded:,}.",
        f"Net saving so far: {evidence.money.tell(evidence.money.net)}.",
        *(f"Not known: {one}" for one in found.unknowns),
    ]
    return "\n".join([*lines, f"The page: {html}"] if html is not None else lines)


async def _report_history(path: Path, bundle: Bundle, now: float, since: float) -> Report | None:
    store = await open_history(path)
    if store is None:
        return None
    try:
        return await make_report(store, bundle, now, since=since)
    finally:
        await store.close()


def _report_labels(
    path: Path,
    bundle: Bundle,
    models: list[str],
    prices: dict[str, float] | None,
    now: float,
) -> Report:
    """Labels are pairs of which every one is graded; there is no traffic beside them."""
    pairs = select_distinct(score_labels(bundle, read_labels_or_calls(path, models), prices))
    evidence = Evidence(
        models=bundle.config.models,
        traffic=Traffic(),
        pairs=pairs,
        sources=Counter({PEOPLE: len(pairs)}),
    )
    return report_on(evidence, bundle.bundle_hash, bundle.policy, now)

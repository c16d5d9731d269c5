"""`tiny-dancer calibrate`: a certified policy from outcomes, or the number of outcomes missing."""

import asyncio
import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..adapt import read_labels, read_prices
from ..adapt.paired_outcomes import score_labels
from ..calibration.calibrate import calibrate as certify
from ..calibration.defaults import BETTING, DELTA
from ..calibration.paired_outcome import PairedOutcome
from ..files.output import check_output, write_file
from ..history.readings.paired_outcomes import read_paired_outcomes
from ..model import Bundle
from ..policy import Policy, Target
from .history import load_bundle, open_history
from .labels import names_of


class Rate(StrEnum):
    """Rates that `--risk` can bound."""

    REGRET = "regret"
    JOINT = "joint"
    SELECTIVE = "selective"
    MISSED_FAILURES = "missed_failures"


def calibrate(
    outcomes: Annotated[
        Path,
        typer.Argument(
            help="A history (SQLite, or JSON lines of an export), or labels: prompt, one score a "
            "model."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where the policy goes: POLICY.json.")],
    quality: Annotated[
        float | None,
        typer.Option(help="Share of the powerful model's quality to keep: 0.95.", min=0, max=1),
    ] = None,
    budget: Annotated[float | None, typer.Option(help="Money per 1,000 prompts at most.")] = None,
    risk: Annotated[
        float | None, typer.Option(help="Bound on the rate that --rate names.", min=0, max=1)
    ] = None,
    rate: Annotated[
        Rate, typer.Option(help="What --risk bounds; docs/guarantee.md defines them.")
    ] = Rate.MISSED_FAILURES,
    delta: Annotated[
        float,
        typer.Option(help="Chance that the target does not hold although certified.", min=0, max=1),
    ] = DELTA,
    bound: Annotated[
        str,
        typer.Option(
            help="betting: one may look again; for one look at a rate clopper-pearson or "
            "hoeffding-bentkus; or 'conformal risk control', in expectation."
        ),
    ] = BETTING,
    bundle: Annotated[
        Path | None, typer.Option(help="The bundle that decides; the shipped one where left out.")
    ] = None,
    models: Annotated[
        str, typer.Option(help="Score columns of the labels, cheapest first: mini,large.")
    ] = "",
    prices: Annotated[
        Path | None, typer.Option(help="Money for one answer by model (JSON or CSV), for --budget.")
    ] = None,
    largest_cost: Annotated[
        float | None, typer.Option(help="Money that one answer costs at most, for --budget.")
    ] = None,
    by_people: Annotated[
        bool,
        typer.Option(
            "--by-people",
            help="Of a history, count only pairs that people marked: no judge has to be believed.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the policy.")] = False,
) -> None:
    """Certify a threshold: light as often as the target provably allows; exit code 1 if too few."""
    check_output(out, outcomes, bundle, prices)
    target = _target(quality, budget, risk, rate)
    if budget is not None and prices is None and largest_cost is None:
        raise typer.BadParameter("--budget needs --prices, or --largest-cost")
    loaded = load_bundle(bundle)
    table = read_prices(prices) if prices is not None else None
    if table is not None and largest_cost is None:
        largest_cost = max(table.values())
    policy = certify(
        _outcomes(outcomes, loaded, names_of(models), table, by_people),
        target,
        bundle_hash=loaded.bundle_hash,
        date=datetime.now(UTC).date().isoformat(),
        delta=delta,
        bound=bound,
        outside=loaded.tensors["calibration.score"],
        largest_cost=largest_cost,
    )
    write_file(out, policy.to_json().encode())
    print(json.dumps(policy.to_dict()) if as_json else verdict(policy, out))


def verdict(policy: Policy, out: Path) -> str:
    """What is promised, for a person."""
    certificate, estimate = policy.certificate, policy.estimate
    assert certificate is not None and estimate is not None
    chance = (
        "on average over calibrations"
        if certificate.bound.startswith("conformal")
        else f"with {certificate.confidence} confidence"
    )
    return (
        f"{certificate.rate} {certificate.alpha:g} holds {chance}, by {certificate.n:,} outcomes "
        f"({certificate.bound}; {certificate.method}).\n"
        f"{estimate.light_share:.1%} of them go light, and {estimate.quality_kept:.1%} of the "
        f"quality is kept there: {out}"
    )


def _target(quality: float | None, budget: float | None, risk: float | None, rate: Rate) -> Target:
    given = [
        Target(measure, value)
        for measure, value in (("quality_kept", quality), ("cost", budget), (str(rate), risk))
        if value is not None
    ]
    if len(given) != 1:
        raise typer.BadParameter("exactly one of --quality, --budget and --risk is needed")
    return given[0]


def _outcomes(
    path: Path,
    bundle: Bundle,
    models: list[str],
    prices: dict[str, float] | None,
    by_people: bool,
) -> list[PairedOutcome]:
    async def read() -> list[PairedOutcome] | None:
        store = await open_history(path)
        if store is None:
            return None
        try:
            names = bundle.config.models
            return await read_paired_outcomes(store, bundle.bundle_hash, names, by_people)
        finally:
            await store.close()

    found = asyncio.run(read())
    if found is not None:
        return found
    if by_people:
        raise typer.BadParameter(
            "--by-people goes with a history; labels do not say whose they are"
        )
    return score_labels(bundle, read_labels(path, models), prices)

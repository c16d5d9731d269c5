"""`tiny-dancer eval`: how good a bundle's decisions are on labels of one's own."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from ..adapt import read_labels, read_prices
from ..errors import InvalidInputError
from ..evaluate.junit import write_junit
from ..evaluate.markdown import list_choices, write_markdown
from ..evaluate.requirement import check_requirements, parse_requirement
from ..files.input import read_text
from ..files.output import check_output, write_file
from ..model import read_bundle
from ..policy import Policy
from .console import open_console
from .labels import names_of, warn_of_order
from .train import missing


def evaluate(
    bundle: Annotated[Path, typer.Argument(help="The bundle.")],
    labels: Annotated[
        Path,
        typer.Argument(help="CSV or JSON (lines), or .gz, of prompts it was not trained on."),
    ],
    prices: Annotated[
        Path | None,
        typer.Option(help="Price of each model (JSON or CSV); else evenly from 0 to 1."),
    ] = None,
    models: Annotated[
        str, typer.Option(help="Score columns to read, where there are others: mini,large.")
    ] = "",
    as_json: Annotated[
        Path | None, typer.Option("--json", help="Write every figure here; - prints them.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw cost against quality here: F.svg.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Policy to decide by; else the bundle's own.")
    ] = None,
    require: Annotated[
        list[str] | None,
        typer.Option(help="Fail unless reached: quality>=.95, saving>=.2, ece<=.05, ..."),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(help="Write what is required as JUnit XML here.")
    ] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a summary in Markdown here.")] = None,
) -> None:
    """Measure a bundle: what it saves at which quality, and how honest its probabilities are."""
    required = [parse_requirement(text) for text in require or ()]
    try:
        from ..evaluate.bundle import evaluate as evaluated

        if picture is not None:
            from ..evaluate.picture import picture as drawn
    except ModuleNotFoundError as error:
        raise missing(error) from None
    figures = as_json if str(as_json) != "-" else None
    outputs = {"json": figures, "picture": picture, "junit": junit, "markdown": markdown}
    _check_outputs(outputs, bundle, labels, prices, policy)
    table = read_prices(prices) if prices is not None else None
    known = read_labels(labels, names_of(models))
    measured = read_bundle(bundle)
    warn_of_order(known, measured.config.models)
    chosen = Policy.from_json(read_text(policy)) if policy is not None else None
    found = evaluated(measured, known, table, chosen)
    checks = check_requirements(required, found.facts)
    if junit is not None:
        write_file(junit, write_junit(checks, found.facts))
    if markdown is not None:
        write_file(markdown, write_markdown(checks, found.facts).encode())
    if picture is not None:
        write_file(picture, drawn(found))
    text = json.dumps(found.facts, indent=1) + "\n"
    if str(as_json) == "-":
        print(text, end="")
    else:
        if figures is not None:
            write_file(figures, text.encode())
        _print(found.facts)
    missed = [check for check in checks if not check.is_met]
    for check in missed:
        typer.secho(f"tiny-dancer: {check}", err=True, fg="red")
    if missed:
        raise typer.Exit(1)


def _check_outputs(outputs: dict[str, Path | None], *inputs: Path | None) -> None:
    """See that each can be written, to a place of its own."""
    places: dict[Path, str] = {}
    for name, out in outputs.items():
        if out is not None:
            check_output(out, *inputs)
            if other := places.get(out.resolve()):
                raise InvalidInputError(f"{out}: both --{other} and --{name} go there")
            places[out.resolve()] = name


def _print(facts: dict[str, Any]) -> None:
    console = open_console()
    routing = facts["routing"]
    if routing is None:
        console.print("APGR is not defined: first and last model are equally good on the whole")
    else:
        cpt50, cpt80 = routing["cpt50"], routing["cpt80"]
        console.print(f"APGR {routing['apgr']:.3f}  CPT50 {cpt50:.1%}  CPT80 {cpt80:.1%}")
    rows = Table("quality kept", "share light", "cost saved", "shares", box=None)
    for name, row in (("policy", facts["policy"]), *facts["kept"].items()):
        shares = "  ".join(f"{model} {share:.1%}" for model, share in row["share"].items())
        label = (
            f"{row['quality_kept']:.1%} (bundle's policy)"
            if name == "policy"
            else (f"{row['quality_kept']:.1%} (at least {float(name):.0%})")
        )
        rows.add_row(label, f"{row['light_share']:.1%}", f"{row['saving']:.1%}", shares)
    for name, row in list_choices(facts):
        if name != "policy":
            share = f"{row['light_share']:.1%}" if "light_share" in row else ""
            kept = f"{row['quality_kept']:.1%} ({name})"
            rows.add_row(kept, share, f"{row['saving']:.1%}", "")
    console.print(rows)
    heads = Table("model", "quality", "answers well", "said", "ECE", "AUC", box=None)
    for name, row in facts["models"].items():
        ranks = "-" if row["auc"] is None else f"{row['auc']:.3f}"
        values = (row["mean_quality"], row["answered_well"], row["mean_probability"], row["ece"])
        heads.add_row(name, *(f"{v:.3f}" for v in values), ranks)
    console.print(heads)
    console.print(f"prices: {facts['prices_from']}")

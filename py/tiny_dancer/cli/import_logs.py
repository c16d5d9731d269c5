"""`tiny-dancer import`: logs people have, as outcomes or labels."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import InvalidInputError
from ..files.output import check_output, replace_file
from ..integrations.logs import COLUMNS, join_pairs, open_log


def import_logs(
    format_: Annotated[
        str, typer.Argument(metavar="FORMAT", help="litellm, langfuse, otel or openai.")
    ],
    files: Annotated[
        list[Path], typer.Argument(help="JSON, JSON lines or CSV, plain or .gz; one or several.")
    ],
    out: Annotated[Path, typer.Option(help="Where it goes: F.csv or F.jsonl.")],
    labels: Annotated[
        bool,
        typer.Option("--labels", help="A row a prompt that met several models, a column a model."),
    ] = False,
    score: Annotated[
        str,
        typer.Option(
            help="What marks answers, in [0, 1]: a key of the metadata, or a score's name."
        ),
    ] = "score",
) -> None:
    """Read prompts, models, costs and marks out of another software's log."""
    if out.suffix.lower() not in (".csv", ".jsonl"):
        raise InvalidInputError(f"{out}: a name that ends in .csv or .jsonl is needed")
    check_output(out, *files)
    log = open_log(format_, files, score)
    if labels:
        models, rows = join_pairs(log)
        if not rows:
            raise InvalidInputError(
                "no prompt was answered with a mark by several models, so there are no labels"
            )
        written = _write(out, ("prompt", *models), rows)
    else:
        written = _write(out, COLUMNS, (entry.to_dict() for entry in log))
    typer.echo(
        f"{out}: {written:,} rows. Left out: {log.without_prompt:,} calls without a prompt, "
        f"{log.other:,} other records, {log.bad:,} bad rows",
        err=True,
    )
    if log.first_fault is not None:
        typer.secho(f"the first bad row: {log.first_fault}", err=True, fg="red")


def _write(out: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write row by row; how many they were."""
    n = 0
    with replace_file(out) as file:
        text = io.TextIOWrapper(file, "utf-8", "replace", newline="")
        table = csv.DictWriter(text, columns, lineterminator="\n")
        is_csv = out.suffix.lower() == ".csv"
        if is_csv:
            table.writeheader()
        for row in rows:
            n += 1
            if is_csv:
                table.writerow(row)
            else:
                text.write(json.dumps(row, ensure_ascii=False) + "\n")
        text.detach()
    return n

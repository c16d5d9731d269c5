"""`tiny-dancer score`: a file of prompts, decided one after the other."""

import gzip
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import process_time
from typing import Annotated, BinaryIO

import typer

from ..files.output import check_output, replace_file
from ..policy import decide
from ..router import Router
from ..tables import Row, Table, TableError, open_table
from .score_folder import Engine, score_folder

SHOWN = 10
"""Bad lines that are named; the rest is counted."""

INTERRUPTED = 130
"""Exit code after Ctrl-C."""

_BATCH = 500


def score(
    source: Annotated[
        Path, typer.Option("--in", help="CSV, JSON or JSON lines with prompts, or .gz.")
    ],
    target: Annotated[Path, typer.Option("--out", help="JSONL to write; .gz is compressed.")],
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use instead.")] = None,
    engine: Annotated[
        Engine | None,
        typer.Option(
            help="For folders of .parquet or .jsonl: all rows come out, six columns more."
        ),
    ] = None,
) -> None:
    """Decide for every prompt of a file; a line out for each good line in, in the same order."""
    if engine is not None:
        score_folder(source, target, bundle, engine)
        return
    check_output(target, source, bundle)
    router, done, bad, interrupted = Router(model=bundle), 0, 0, False
    with ExitStack() as stack:
        rows = stack.enter_context(open_table(source, bare="prompt", takes_fifo=True))
        lines = stack.enter_context(_opened(target))
        show = stack.enter_context(_bar())
        try:
            for prompt in _prompts(rows):
                if isinstance(prompt, str):
                    lines.write(_line(router, prompt).encode())
                    done += 1
                else:
                    bad += 1
                    if bad <= SHOWN:
                        typer.secho(str(prompt), err=True, fg="red")
                if (done + bad) % _BATCH == 0:
                    show(done + bad)
        except KeyboardInterrupt:  # what is done is written as the files close
            interrupted = True
    seconds = process_time()
    typer.echo(
        f"{'interrupted: ' * interrupted}{done:,} prompts in {seconds:.2f} s of processor time, "
        f"start included: {done / seconds:,.0f} a second; {bad} bad",
        err=True,
    )
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if bad:
        raise typer.Exit(1)


@contextmanager
def _bar() -> Iterator[Callable[[int], None]]:
    """Shows how many rows are done, where a person looks at it."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # a tenth of a second: what 1,000 prompts take
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("prompts", total=None)
        yield lambda number: bar.update(task, completed=number)


def _line(router: Router, prompt: str) -> str:
    scored = router.score(prompt, candidates=())
    return (
        json.dumps(
            {
                "prompt": prompt,
                "score": scored.score,
                "probabilities": scored.probabilities,
                "use_lightweight": decide(scored, scored.rule).model != scored.models[-1],
            }
        )
        + "\n"
    )


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO | gzip.GzipFile]:
    with replace_file(path) as file:
        if path.suffix.lower() == ".gz":
            with gzip.GzipFile(fileobj=file, mode="wb") as packed:
                yield packed
        else:
            yield file


def _prompts(rows: Table) -> Iterator[str | TableError]:
    """The prompt of each row, or what is wrong with it."""
    for row in rows.each():
        if isinstance(row, Row):
            try:
                yield row.text("prompt")
            except TableError as error:
                yield error
        else:
            yield row

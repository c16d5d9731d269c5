"""`tiny-dancer score`: a file of prompts, decided one after the other."""

import csv
import gzip
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from pathlib import Path
from time import process_time
from typing import IO, Annotated, Any

import typer

from ..errors import InvalidInputError
from ..router import Router

SHOWN = 10
"""Bad lines that are named; the rest is counted."""

INTERRUPTED = 130
"""Exit code after Ctrl-C."""

_BATCH = 500


def score(
    source: Annotated[
        Path, typer.Option("--in", help="JSONL or CSV with a prompt column, or .gz.")
    ],
    target: Annotated[Path, typer.Option("--out", help="JSONL to write; .gz is compressed.")],
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use instead.")] = None,
) -> None:
    """Decide for every prompt of a file; a line out for each good line in, in the same order."""
    if target.exists() and source.exists() and target.samefile(source):
        raise InvalidInputError(f"{target}: this is the file to read; name another one to write")
    router, done, bad, interrupted = Router(model=bundle), 0, 0, False
    with ExitStack() as stack:
        prompts = stack.enter_context(_opened(source, "r"))
        lines = stack.enter_context(_opened(target, "w"))
        show = stack.enter_context(_bar())
        try:
            for number, prompt in _prompts(prompts, source):
                if isinstance(prompt, str):
                    lines.write(_line(router, prompt))
                    done += 1
                else:
                    bad += 1
                    if bad <= SHOWN:
                        typer.secho(f"{source}:{number}: {prompt}", err=True, fg="red")
                if number % _BATCH == 0:
                    show(number)
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
    """Shows how many lines are done, where a person looks at it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # a tenth of a second: what 1,000 prompts take
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("prompts", total=None)
        yield lambda number: bar.update(task, completed=number)


def _line(router: Router, prompt: str) -> str:
    response = router.route(prompt, candidates=(), record=False)
    return (
        json.dumps(
            {
                "prompt": prompt,
                "score": response.score,
                "probabilities": response.probabilities,
                "use_lightweight": response.use_lightweight,
            }
        )
        + "\n"
    )


def _opened(path: Path, mode: str) -> IO[str]:
    try:
        if path.suffix == ".gz":
            return TextIOWrapper(gzip.GzipFile(path, f"{mode}b"), encoding="utf-8", newline="")
        return path.open(mode, encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidInputError(f"{path}: {error.strerror}") from None


def _prompts(file: IO[str], path: Path) -> Iterator[tuple[int, Any]]:
    """Number of each line or record, and its prompt; what is wrong with it as an exception."""
    if ".csv" in path.suffixes[-2:]:
        csv.field_size_limit(1 << 24)
        rows = csv.DictReader(file)
        if "prompt" not in (rows.fieldnames or ()):
            raise InvalidInputError(f"{path}: a column named prompt is needed")
        for row in rows:
            text = row["prompt"]
            yield rows.line_num, text if text is not None else ValueError("no prompt")
        return
    for number, line in enumerate(file, 1):
        if line.strip():
            yield number, _parsed(line)


def _parsed(line: str) -> str | ValueError:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return ValueError(f"not JSON: {error}")
    prompt = row.get("prompt") if isinstance(row, dict) else row
    if not isinstance(prompt, str):
        return ValueError('an object with "prompt" as text, or a text, is needed')
    return prompt

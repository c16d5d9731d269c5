"""`tiny-dancer score`: a file of prompts, decided one after the other."""

import csv
import gzip
import json
from collections.abc import Iterator
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from time import perf_counter
from typing import IO, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from ..errors import InvalidInputError
from ..router import Router

SHOWN = 10
"""Bad lines that are named; the rest is counted."""

_BATCH = 500


def score(
    source: Annotated[
        Path, typer.Option("--in", help="JSONL or CSV with a prompt column, or .gz.")
    ],
    target: Annotated[Path, typer.Option("--out", help="JSONL to write; .gz is compressed.")],
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use instead.")] = None,
) -> None:
    """Decide for every prompt of a file; a line out for each good line in, in the same order."""
    start = perf_counter()
    console = Console(stderr=True, highlight=False)
    router, done, bad = Router(model=bundle), 0, 0
    with ExitStack() as stack:
        prompts = stack.enter_context(_opened(source, "r"))
        lines = stack.enter_context(_opened(target, "w"))
        bar = stack.enter_context(Progress(console=console, transient=True))
        task = bar.add_task("prompts", total=None)
        for number, prompt in _prompts(prompts, source):
            if isinstance(prompt, str):
                lines.write(_line(router, prompt))
                done += 1
            else:
                bad += 1
                if bad <= SHOWN:
                    console.print(f"{source}:{number}: {prompt}", style="red")
            if number % _BATCH == 0:
                bar.update(task, completed=number)
    seconds = perf_counter() - start
    console.print(f"{done:,} prompts in {seconds:.2f} s, {done / seconds:,.0f} a second; {bad} bad")
    if bad:
        raise typer.Exit(1)


def _line(router: Router, prompt: str) -> str:
    response = router.route(prompt, candidates=())
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

"""Shards of a folder: pieces of its files that are decided on their own, each into its own file."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final

from ...errors import InvalidInputError
from ...files.output import replace_file
from ...strict_json import parse_object
from .batch import RouteBatch
from .columns import ERROR

SHARD_BYTES: Final = 8 << 20
"""Of JSON lines in a shard. A core decides some of them a minute."""

_BATCH: Final = 1_000
_PARQUET, _LINES, _PACKED_LINES = ".parquet", ".jsonl", ".jsonl.gz"


class UnreadableFileError(InvalidInputError):
    """No Parquet whatever its name says, or a file that cannot be read; the message says which."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A piece of a file.

    Attributes:
        source: the file.
        target: where its rows go, with their decisions.
        start: first byte; of Parquet, the row group.
        stop: byte before which its last line begins; of Parquet, the row group after it.
    """

    source: Path
    target: Path
    start: int
    stop: int

    @property
    def is_done(self) -> bool:
        """Whether its file is there, which is written whole or not at all."""
        return self.target.exists()


@dataclass(frozen=True, slots=True)
class Done:
    """What a shard held: rows, and those of them that could not be decided."""

    rows: int
    errors: int


def find_sources(folder: Path) -> list[Path]:
    """The files that hold rows, in the order of their names; those of `_` and `.` are left out.

    Raises:
        InvalidInputError: there are none.
    """
    found = [
        path
        for path in sorted(folder.rglob("*"))
        if path.name.lower().endswith((_PARQUET, _LINES, _PACKED_LINES))
        and not path.is_dir()  # Spark writes a folder of such a name
        and not any(part[0] in "._" for part in path.relative_to(folder).parts)
    ]
    if not found:
        raise InvalidInputError(f"{folder}: no .parquet, .jsonl or .jsonl.gz in it")
    return found


def cut_shards(source: Path, folder: Path) -> list[Shard]:
    """The shards of a file; their targets lie in the folder.

    Raises:
        InvalidInputError: it is Parquet, and there is no pyarrow.
    """
    name = source.name.lower()
    if name.endswith(_PARQUET):
        kind, cuts = _PARQUET, list(range(_count_row_groups(source) + 1))
    elif name.endswith(_LINES):
        size = source.stat().st_size
        kind, cuts = _LINES, [*range(0, size, SHARD_BYTES), size]
    else:
        kind, cuts = _LINES, [0, source.stat().st_size]  # its lines cannot be reached but in order
    return [
        Shard(source, folder / f"{source.name}.{at:05}{kind}", start, stop)
        for at, (start, stop) in enumerate(pairwise(cuts))
    ]


def score_shard(shard: Shard, route: RouteBatch) -> Done:
    """Decide for the rows of a shard; its file is there when this returns, and not before.

    Raises:
        InvalidInputError: the file cannot be read, or has no column of prompts.
        OSError: the target cannot be written.
    """
    shard.target.parent.mkdir(parents=True, exist_ok=True)
    with replace_file(shard.target) as file:
        if shard.target.suffix == _PARQUET:
            return _score_row_group(shard, route, file)
        return _score_lines(shard, route, file)


def _score_lines(shard: Shard, route: RouteBatch, file: BinaryIO) -> Done:
    rows = errors = 0
    lines = _lines(shard)
    while batch := list(islice(lines, _BATCH)):
        read = [_read_row(shard.source, at, line) for at, line in batch]
        columns = route.decide([row.get(route.prompt) for row in read])
        for at, row in enumerate(read):
            decided = {name: values[at] for name, values in columns.items()}
            decided[ERROR] = row.pop(ERROR, None) or decided[ERROR]
            errors += decided[ERROR] is not None
            file.write(json.dumps({**row, **decided}).encode() + b"\n")
        rows += len(read)
    return Done(rows, errors)


def _read_row(source: Path, at: int, line: bytes) -> dict[str, Any]:
    try:
        row = parse_object(line.decode("utf-8" if at else "utf-8-sig"))
        row.pop(ERROR, None)  # of an earlier run
        return row
    except ValueError as error:
        return {ERROR: f"{source.name}, byte {at}: {error}"}


def _lines(shard: Shard) -> Iterator[tuple[int, bytes]]:
    """The lines that begin in the shard, each with the byte where it does; blank ones left out.

    Raises:
        InvalidInputError: the file cannot be read.
    """
    try:
        yield from _read_lines(shard)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInputError(f"{shard.source}: {error}") from None


def _read_lines(shard: Shard) -> Iterator[tuple[int, bytes]]:
    if shard.source.suffix.lower() == ".gz":
        with gzip.open(shard.source) as packed:
            yield from _number(packed, 0)
        return
    with open(shard.source, "rb") as file:
        at = shard.start
        if at:
            file.seek(at - 1)
            at += len(file.readline()) - 1  # of the line that began before
        for place, line in _number(file, at):
            if place >= shard.stop:
                return
            yield place, line


def _number(file: Any, at: int) -> Iterator[tuple[int, bytes]]:
    for line in file:
        if line.strip():
            yield at, line
        at += len(line)


def _score_row_group(shard: Shard, route: RouteBatch, file: BinaryIO) -> Done:
    import pyarrow.parquet

    source = _open_parquet(shard.source)
    empty = route(source.schema_arrow.empty_table())
    rows = errors = 0
    with pyarrow.parquet.ParquetWriter(file, empty.schema) as writer:
        for batch in _read_batches(source, shard):
            decided = route(batch)
            writer.write_batch(decided)
            rows += decided.num_rows
            errors += decided.num_rows - decided[ERROR].null_count
    return Done(rows, errors)


def _read_batches(source: Any, shard: Shard) -> Iterator[Any]:
    import pyarrow

    try:
        yield from source.iter_batches(_BATCH, row_groups=[shard.start])
    except (OSError, pyarrow.ArrowException) as error:
        raise InvalidInputError(f"{shard.source}: {error}") from None


def _count_row_groups(path: Path) -> int:
    try:
        return int(_open_parquet(path).num_row_groups)
    except UnreadableFileError:
        return 1  # a shard that fails, and the others go on


def _open_parquet(path: Path) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InvalidInputError(f"{path}: reading Parquet needs pyarrow; pip install it") from None
    try:
        return pyarrow.parquet.ParquetFile(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise UnreadableFileError(f"{path}: {error}") from None

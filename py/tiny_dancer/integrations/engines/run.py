"""Runs over a folder: what is done already, what is left, and that both were decided alike."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...errors import InvalidInputError
from ...files.output import write_file
from ...strict_json import check_depth, parse_json
from .batch import RouteBatch
from .shard import Done, Shard, cut_shards, find_sources, score_shard

RECORD: Final = "_tiny_dancer.json"
"""File of the output folder that says what its shards were decided by."""

Result = tuple[Shard, Done | Exception]
Engine = Callable[[list[Shard], RouteBatch], Iterator[Result]]
"""Decides for shards in any order; yields each as it is done, or as it failed."""


@dataclass(frozen=True, slots=True)
class Run:
    """A folder to decide for, and another one for what comes of it.

    Attributes:
        shards: all of them.
        left: those whose file is not there.
    """

    shards: list[Shard]
    left: list[Shard]


def open_run(source: Path, target: Path, route: RouteBatch) -> Run:
    """What is to do; the target folder is made, or found to be of an earlier, unfinished run.

    Raises:
        InvalidInputError: a folder is missing or cannot be used, or what lies in the target was
            decided by another bundle or policy, or of files that have changed since.
    """
    if not source.is_dir():
        raise InvalidInputError(f"{source}: a folder of .parquet or .jsonl files is needed")
    if target.resolve().is_relative_to(source.resolve()):
        raise InvalidInputError(f"{target}: lies in the folder to read; name one outside")
    sources = find_sources(source)
    target.mkdir(parents=True, exist_ok=True)
    _keep_record(source, target, sources, route)
    shards = [
        shard
        for path in sources
        for shard in cut_shards(path, target / path.parent.relative_to(source))
    ]
    return Run(shards, [shard for shard in shards if not shard.is_done])


def score_here(shards: Iterable[Shard], route: RouteBatch) -> Iterator[Result]:
    """The engine of one process: a shard after the other. Exceptions of one are its result."""
    for shard in shards:
        try:
            done: Done | Exception = score_shard(shard, route)
        except Exception as error:  # such as of Arrow, as on Ray: the others go on
            done = error
        yield shard, done


def _keep_record(source: Path, target: Path, sources: list[Path], route: RouteBatch) -> None:
    path = target / RECORD
    record: dict[str, Any] = {
        "bundle": route.bundle_hash,
        "policy": route.policy_id,
        "prompt": route.prompt,
    }
    files = {str(p.relative_to(source)): _fingerprint(p) for p in sources}
    if path.exists():
        earlier = _read_record(path)
        for name, value in record.items():
            if earlier.get(name) != value:
                raise InvalidInputError(
                    f"{target}: its rows were decided with {name} {earlier.get(name)!r:.40}, "
                    f"this run has {value!r:.40}; name an empty folder"
                )
        for name, value in earlier["files"].items():
            if files.setdefault(name, value) != value:
                raise InvalidInputError(
                    f"{source / name}: changed since its rows went to {target}; "
                    "name an empty folder"
                )
    elif any(target.iterdir()):
        raise InvalidInputError(f"{target}: not empty, and of no earlier run; name an empty folder")
    write_file(path, json.dumps({**record, "files": files}, indent=2).encode())


def _read_record(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
        check_depth(text)
        record: dict[str, Any] = parse_json(text)  # names of files may be no UTF-8
        if not isinstance(record["files"], dict):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise InvalidInputError(f"{path}: damaged; name an empty folder") from None
    return record


def _fingerprint(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]

"""Labels of one's own: prompts, and how well each of several models answered them."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..errors import InvalidInputError

NOT_MODELS: Final = ("prompt", "subject", "source", "weight")
"""Columns that are no scores; every other one belongs to a model."""

MODELS: Final = range(2, 16 + 1)
ANSWERS_WELL: Final = 0.5
"""Least quality at which a model counts as having answered well."""

_PAIR: Final = {"weak_score": "light", "strong_score": "powerful"}


@dataclass(frozen=True)
class Labels:
    """N prompts and the qualities of M models, cheapest first.

    Attributes:
        models: M names.
        prompts: N texts, none empty.
        quality: N rows of M numbers in [0, 1].
        subjects: N texts, empty where the file names none.
        weights: N numbers of at least 0, 1 where the file names none.
        digest: SHA-256 of the file.
    """

    models: tuple[str, ...]
    prompts: tuple[str, ...]
    quality: tuple[tuple[float, ...], ...]
    subjects: tuple[str, ...]
    weights: tuple[float, ...]
    digest: str

    def __len__(self) -> int:
        return len(self.prompts)

    def ordered(self, models: Sequence[str]) -> "Labels":
        """The same labels with the models in another order."""
        at = [self.models.index(name) for name in models]
        quality = tuple(tuple(row[i] for i in at) for row in self.quality)
        return replace(self, models=tuple(models), quality=quality)

    def take(self, rows: Iterable[int]) -> "Labels":
        """Some of the labels, in the order of the indices."""
        at = list(rows)
        return replace(
            self,
            prompts=tuple(self.prompts[i] for i in at),
            quality=tuple(self.quality[i] for i in at),
            subjects=tuple(self.subjects[i] for i in at),
            weights=tuple(self.weights[i] for i in at),
        )


def read_labels(
    path: Path, models: Sequence[str] = (), prices: Mapping[str, float] | None = None
) -> Labels:
    """Read a CSV or JSONL file, plain or .gz.

    Args:
        path: the file, with a prompt and one score in [0, 1] for each model a row; subject and
            weight may be there. A column `mini_score` is of the model `mini`; `weak_score` and
            `strong_score` are of `light` and `powerful`.
        models: the models to read, where there are other columns too; cheapest first.
        prices: of every model, in any unit; sorts them. Else their order is the columns'.

    Raises:
        InvalidInputError: what is wrong, in which row (the header is row 1) and what is needed.
    """
    raw = _bytes(path)
    rows = _json_rows(path, raw) if ".jsonl" in path.suffixes[-2:] else _csv_rows(path, raw)
    first = next(rows, None)
    if first is None:
        raise InvalidInputError(f"{path}: there are no rows")
    columns = _columns(path, list(first[1]), models, prices)
    found, faults = [], []
    for number, row in (first, *rows):
        try:
            found.append(_row(row, columns))
        except ValueError as error:
            faults.append(f"row {number}: {error}")
    if faults:
        more = f" ({len(faults) - 1} more rows are bad)" if len(faults) > 1 else ""
        raise InvalidInputError(f"{path}: {faults[0]}{more}")
    prompts, quality, subjects, weights = zip(*found, strict=True)
    digest = hashlib.sha256(raw).hexdigest()
    return Labels(tuple(columns), prompts, quality, subjects, weights, digest)


def read_prices(path: Path) -> dict[str, float]:
    """Read a price table: JSON `{"mini": 0.15, …}`, or CSV with the columns model and price.

    Raises:
        InvalidInputError: the file cannot be read, or a price is no number of at least 0.
    """
    text = _text(path, _bytes(path))
    try:
        if path.suffix == ".json":
            pairs = list(json.loads(text).items())
        else:
            pairs = [(row["model"], row["price"]) for row in csv.DictReader(io.StringIO(text))]
    except (ValueError, KeyError, AttributeError):
        raise InvalidInputError(
            f'{path}: JSON {{"model": price, …}} or CSV with columns model and price is needed'
        ) from None
    try:
        return {name: _number("price of " + name, value, 1e12) for name, value in pairs}
    except ValueError as error:
        raise InvalidInputError(f"{path}: {error}") from None


def _bytes(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError) as error:
        raise InvalidInputError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _text(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidInputError(f"{path}: line {line} is not UTF-8") from None


def _csv_rows(path: Path, raw: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(1 << 24)
    reader = csv.DictReader(io.StringIO(_text(path, raw), newline=""), restkey="")
    try:
        yield from enumerate(reader, 2)
    except csv.Error as error:
        raise InvalidInputError(f"{path}: line {reader.line_num}: {error}") from None


def _json_rows(path: Path, raw: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_text(path, raw).split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InvalidInputError(f"{path}: row {number}: not JSON: {error}") from None
            if not isinstance(row, dict):
                raise InvalidInputError(f"{path}: row {number}: a JSON object is needed")
            yield number, row


def _columns(
    path: Path, names: list[str], models: Sequence[str], prices: Mapping[str, float] | None
) -> dict[str, str]:
    """Model → column, cheapest first."""
    if "prompt" not in names:
        raise InvalidInputError(f"{path}: no column prompt among {', '.join(map(repr, names))}")
    of = {_model(name): name for name in names if name not in NOT_MODELS and name}
    if missing := [name for name in models if name not in of]:
        raise InvalidInputError(
            f"{path}: no score column of {missing[0]!r}; there are {', '.join(of) or 'none'}"
        )
    chosen = list(models or of)
    if len(chosen) not in MODELS:
        raise InvalidInputError(
            f"{path}: {len(chosen)} score columns ({', '.join(chosen)}); "
            f"{MODELS[0]} to {MODELS[-1]} are needed, one a model"
        )
    if prices is not None:
        if unknown := [name for name in chosen if name not in prices]:
            raise InvalidInputError(f"{path}: the price table has no {unknown[0]!r}")
        chosen.sort(key=prices.__getitem__)
    return {name: of[name] for name in chosen}


def _model(column: str) -> str:
    return _PAIR.get(column) or column.removesuffix("_score") or column


def _row(
    row: Mapping[str, Any], columns: Mapping[str, str]
) -> tuple[str, tuple[float, ...], str, float]:
    prompt = row.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise ValueError("the prompt is empty")
    if row.get(""):
        raise ValueError("more fields than the header has; quote prompts that hold commas")
    quality = tuple(_number(column, row.get(column), 1.0) for column in columns.values())
    weight = row.get("weight")
    weight = 1.0 if weight in (None, "") else _number("weight", weight, 1e6)
    return prompt, quality, str(row.get("subject") or ""), weight


def _number(name: str, value: object, high: float) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) else -1.0
    except ValueError:
        number = -1.0
    if not 0.0 <= number <= high:
        raise ValueError(f"{name} is {value!r:.40}, a number in [0, {high:g}] is needed")
    return number

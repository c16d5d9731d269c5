"""Labels of one's own: prompts, and how well each of several models answered them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from statistics import fmean
from typing import Final

from ..errors import InvalidInputError
from ..model.bundle import is_model_name
from ..tables import Row, Table, TableError, open_table
from ..tables.delimited import header_fault
from ..tables.fault import shown

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
        digest: SHA-256 of the file, unpacked.
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
    source: str | PathLike[str] | bytes,
    models: Sequence[str] = (),
    prices: Mapping[str, float] | None = None,
    name: str = "labels",
) -> Labels:
    """Read CSV, JSON lines or an array of JSON, plain or .gz.

    Args:
        source: a path, or the content; a prompt and one score in [0, 1] for each model a row;
            subject, source and weight may be there. A column `mini_score` is of the model `mini`;
            `weak_score` and `strong_score` are of `light` and `powerful`.
        models: the models to read, where there are other columns too; cheapest first.
        prices: of every model, in any unit; sorts them. Else their order is the columns'.
        name: of the content, where `source` is no path; its ending says the form.

    Raises:
        InvalidInputError: what is wrong, in which line and column, and what is needed.
    """
    if isinstance(source, bytes):
        return _labels(Table(source, name), models, prices)
    with open_table(source) as table:
        return _labels(table, models, prices)


def read_prices(path: str | PathLike[str]) -> dict[str, float]:
    """Read a price table: JSON `{"mini": 0.15, …}`, or rows with the columns model and price.

    Raises:
        InvalidInputError: it cannot be read, or a price is no number of at least 0.
    """
    found: dict[str, float] = {}
    with open_table(path, ("model", "price")) as table:
        rows = list(table)
        if len(rows) == 1 and table.header_line is None and "price" not in rows[0].values:
            return {model: rows[0].number(model, 0.0, 1e12) for model in rows[0].values}
        for row in rows:
            model = row.text("model").strip()
            if model in found:
                raise row.fault("model", f"{shown(model)} has a price already")
            found[model] = row.number("price", 0.0, 1e12)
        if not found:
            raise TableError(table.name, "no prices; columns model and price are needed")
    return found


def order_warning(labels: Labels) -> str | None:
    """What to say where the first model, taken for the cheapest, is better than the last."""
    first, last = (fmean(row[m] for row in labels.quality) for m in (0, -1))
    if first <= last:
        return None
    cheapest, dearest = labels.models[0], labels.models[-1]
    return (
        f"the cheapest model, {cheapest}, answers better ({first:.3f}) than the dearest, "
        f"{dearest} ({last:.3f}). Models stand cheapest first: if it is the other way round, "
        f"give --prices, or --models {','.join(reversed(labels.models))}"
    )


def _labels(table: Table, models: Sequence[str], prices: Mapping[str, float] | None) -> Labels:
    rows, faults = [], []
    for row in table.each():
        if isinstance(row, Row):
            rows.append(row)
        else:
            faults.append(row)
    if not rows and not faults:
        raise TableError(table.name, "there are no rows")
    columns = {} if not rows else _columns(table, models, prices)
    found = []
    for row in rows:
        try:
            found.append(_label(row, columns))
        except TableError as error:
            faults.append(error)
    if faults:
        first = min(faults, key=lambda fault: fault.line or 0)
        more = f" ({len(faults) - 1} more rows are bad)" if len(faults) > 1 else ""
        raise TableError(first.name, f"{first.what}{more}", first.line, first.column)
    prompts, quality, subjects, weights = zip(*found, strict=True)
    return Labels(tuple(columns), prompts, quality, subjects, weights, table.digest)


def _columns(
    table: Table, models: Sequence[str], prices: Mapping[str, float] | None
) -> dict[str, str]:
    """Model → column, cheapest first."""
    if "prompt" not in table.columns:
        raise header_fault(table.name, "prompt", table.columns, table.header_line)
    of: dict[str, str] = {}
    for column in table.columns:
        if column in NOT_MODELS:
            continue
        model = _model(column)
        if model in of and (not models or model in models):
            raise TableError(
                table.name,
                f"columns {shown(of[model])} and {shown(column)} are both of the model "
                f"{shown(model)}; leave one out",
                table.header_line,
            )
        of.setdefault(model, column)
    at = table.header_line
    names = [name.strip() for name in models]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise InvalidInputError(f"models: {shown(name)} stands there twice")
        if name not in of:
            listed = ", ".join(map(shown, of)) or "none"
            what = f"no score column of {shown(name)}; there are {listed}"
            raise TableError(table.name, what, at)
    chosen = names or list(of)
    if len(chosen) not in MODELS:
        listed = ", ".join(map(shown, chosen[:20]))
        what = (
            f"{len(chosen)} score columns ({listed}); "
            f"{MODELS[0]} to {MODELS[-1]} are needed, one a model"
        )
        raise TableError(table.name, what, at)
    for name in chosen:
        if not is_model_name(name):
            what = "a model's name has 1 to 100 printable characters"
            raise TableError(table.name, what, at, of[name])
    if prices is not None:
        if unknown := [name for name in chosen if name not in prices]:
            raise TableError(table.name, f"the price table has no {shown(unknown[0])}", at)
        chosen.sort(key=prices.__getitem__)
    return {name: of[name] for name in chosen}


def _model(column: str) -> str:
    return _PAIR.get(column) or column.removesuffix("_score") or column


def check_ranks(labels: Labels) -> None:
    """See that labels say which prompts need the dearer model.

    Raises:
        InvalidInputError: the models do equally well on every prompt.
    """
    if all(row[0] == row[-1] for row in labels.quality):
        raise InvalidInputError(
            f"adapt: {labels.models[0]} and {labels.models[-1]} do equally well on each of these "
            f"{len(labels):,} prompts, so that nothing says which prompts need the dearer one; "
            "labels on which they differ are needed"
        )


def _label(row: Row, columns: Mapping[str, str]) -> tuple[str, tuple[float, ...], str, float]:
    prompt = row.text("prompt")
    if not prompt.strip():
        raise row.fault("prompt", "it is empty; a text is needed")
    quality = tuple(row.number(column, 0.0, 1.0) for column in columns.values())
    weight = row.number("weight", 0.0, 1e6, default=1.0)
    return prompt, quality, str(row.values.get("subject") or ""), weight

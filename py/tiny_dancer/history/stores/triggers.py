"""Triggers that keep the running totals of SQLite and D1, by schema version."""

from typing import Final

from ..records.statistics import (
    COUNTED_CANDIDATES,
    COUNTED_MODELS,
    COUNTED_OWNERS,
    COUNTED_SCORES,
    MAX_TOTAL,
)

MODEL: Final = ("routes", "light", "latency_us", "timed")
OUTCOME: Final = ("outcomes", "cost", "saved", "tokens_in", "tokens_out")
SCORED: Final = ("scored", "successes")
SHADOW: Final = ("shadow_cost", "judge_cost")
"""Money that is subtracted from what was saved, since schema 3."""
ASKED: Final = ("saved_on_asked",)
"""What was saved against the model asked for, since schema 4."""


def add(table: str, name: str, numbers: tuple[str, ...], select: str) -> str:
    """Add the numbers that a select gives to the totals of its name."""
    sums = ", ".join(f"{n} = {n} + excluded.{n}" for n in numbers)
    return (
        f"  insert into {table} ({name}, {', '.join(numbers)})\n    {select}\n"
        f"    on conflict ({name}) do update set {sums};\n"
    )


def add_outcome(row: str, sign: str) -> str:
    """Add an outcome's numbers to the totals; with the sign "-" take them back."""
    good = f"{sign}1, {sign}(value >= 0.5) from json_each({row}.scores)"
    return (
        add(
            "totals_model",
            "model",
            OUTCOME,
            f"values ({row}.model, {sign}1, {sign}coalesce({row}.cost, 0),"
            f" {sign}coalesce({row}.cost_powerful - {row}.cost, 0),"
            f" {sign}coalesce({row}.tokens_in, 0), {sign}coalesce({row}.tokens_out, 0))",
        )
        + add("totals_model", "model", SCORED, f"select key, {good} where true")
        + add(
            "totals_candidate",
            "candidate_id",
            SCORED,
            f"select {row}.candidate_id, {good}"
            f" where key = {row}.model and {row}.candidate_id is not null",
        )
    )


def count(
    table: str,
    numbers: tuple[str, ...],
    name: str,
    values: str,
    *,
    source: str = "",
    fits: str = "1",
    most: int = COUNTED_MODELS,
) -> str:
    """Add numbers to the totals of a name, if it has some or there are not too many yet."""
    key = "model" if table == "totals_model" else "candidate_id"
    known = f"{name} in (select {key} from {table})"
    if key == "candidate_id":
        known += f" or {name} in (select id from candidates)"
    low, high = -MAX_TOTAL, MAX_TOTAL
    sums = ", ".join(f"{n} = max(min({n} + excluded.{n}, {high}), {low})" for n in numbers)
    return (
        f"  insert into {table} ({key}, {', '.join(numbers)})\n"
        f"    select {name}, {values}{source} where {fits}\n"
        f"      and ({known} or (select coalesce(max(rowid), 0) from {table}) < {most})\n"
        f"    on conflict ({key}) do update set {sums};\n"
    )


def count_outcome(row: str, sign: str, *, schema: int) -> str:
    """Count an outcome; with the sign "-" take it back.

    Args:
        row: `new` or `old`.
        sign: "" or "-".
        schema: version whose totals are kept, 2 or later.
    """
    good = f"{sign}1, {sign}(value >= 0.5)"
    each = f" from json_each({row}.scores)"
    spent = [f"coalesce({row}.{name}, 0)" for name in SHADOW] if schema >= 3 else []
    names, values = list(OUTCOME), [f"{sign}1", f"{sign}coalesce({row}.cost, 0)"]
    values.append(sign + _subtract(f"coalesce({row}.cost_powerful - {row}.cost, 0)", spent))
    values += [f"{sign}coalesce({row}.{name}, 0)" for name in ("tokens_in", "tokens_out")]
    if schema >= 3:
        names += SHADOW
        values += [sign + one for one in spent]
    if schema >= 4:
        names += ASKED
        values.append(sign + _subtract(f"coalesce({row}.cost_asked - {row}.cost, 0)", spent))
    totals = ", ".join(values)
    return (
        count("totals_model", tuple(names), f"{row}.model", totals)
        + (count_owner(tuple(names), row, totals) if schema >= 4 else "")
        + count("totals_model", SCORED, "key", good, source=each, most=COUNTED_SCORES)
        + count(
            "totals_candidate",
            SCORED,
            f"{row}.candidate_id",
            good,
            source=each,
            fits=f"key = {row}.model and {row}.candidate_id is not null",
            most=COUNTED_CANDIDATES,
        )
    )


def count_decision(*, schema: int) -> str:
    """Count a decision, `new`.

    Args:
        schema: version whose totals are kept, 2 or later.
    """
    totals = (
        "1, new.use_lightweight, coalesce(new.inference_time_us, 0),"
        " new.inference_time_us is not null"
    )
    return (
        count("totals_model", MODEL, "new.model", totals)
        + (count_owner(MODEL, "new", totals) if schema >= 4 else "")
        + count(
            "totals_candidate",
            ("routes",),
            "new.candidate_id",
            "1",
            fits="new.candidate_id is not null",
            most=COUNTED_CANDIDATES,
        )
    )


def count_owner(numbers: tuple[str, ...], row: str, values: str) -> str:
    """Add numbers to what an owner's totals of a model are; a row without an owner has none."""
    low, high = -MAX_TOTAL, MAX_TOTAL
    sums = ", ".join(f"{n} = max(min({n} + excluded.{n}, {high}), {low})" for n in numbers)
    known = f"exists (select 1 from totals_owner where (owner, model) = ({row}.owner, {row}.model))"
    return (
        f"  insert into totals_owner (owner, model, {', '.join(numbers)})\n"
        f"    select {row}.owner, {row}.model, {values} where {row}.owner is not null\n"
        f"      and ({known}"
        f" or (select coalesce(max(rowid), 0) from totals_owner) < {COUNTED_OWNERS})\n"
        f"    on conflict (owner, model) do update set {sums};\n"
    )


def _subtract(saved: str, spent: list[str]) -> str:
    return f"({' - '.join((saved, *spent))})" if spent else saved

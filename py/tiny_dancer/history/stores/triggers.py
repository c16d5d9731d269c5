"""Triggers that keep the running totals of SQLite and D1, by schema version."""

from typing import Final

from ..records.statistics import COUNTED_CANDIDATES, COUNTED_MODELS, COUNTED_SCORES, MAX_TOTAL

MODEL: Final = ("routes", "light", "latency_us", "timed")
OUTCOME: Final = ("outcomes", "cost", "saved", "tokens_in", "tokens_out")
SCORED: Final = ("scored", "successes")
SHADOW: Final = ("shadow_cost", "judge_cost")
"""Money that is subtracted from what was saved, since schema 3."""


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


def count_outcome(row: str, sign: str, *, has_shadow: bool = True) -> str:
    """Count an outcome; with the sign "-" take it back.

    Args:
        row: `new` or `old`.
        sign: "" or "-".
        has_shadow: False before schema 3.
    """
    good = f"{sign}1, {sign}(value >= 0.5)"
    each = f" from json_each({row}.scores)"
    saved = f"coalesce({row}.cost_powerful - {row}.cost, 0)"
    spent = [f"coalesce({row}.{name}, 0)" for name in SHADOW] if has_shadow else []
    saved = f"({' - '.join((saved, *spent))})" if spent else saved
    return (
        count(
            "totals_model",
            (*OUTCOME, *SHADOW) if has_shadow else OUTCOME,
            f"{row}.model",
            f"{sign}1, {sign}coalesce({row}.cost, 0), {sign}{saved},"
            f" {sign}coalesce({row}.tokens_in, 0), {sign}coalesce({row}.tokens_out, 0)"
            + "".join(f", {sign}{one}" for one in spent),
        )
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

"""The tables of SQLite and D1: statements by schema version, never changed once released.

Totals are kept by triggers, so they change in the transaction of the row they count. `seq` is the
order of writing. All tables are STRICT, so that a number sent as another type is refused or
converted, and never kept as it came.
"""

from typing import Final

from ..records.statistics import COUNTED_CANDIDATES, COUNTED_MODELS, COUNTED_SCORES, MAX_TOTAL

_MODEL: Final = ("routes", "light", "latency_us", "timed")
_OUTCOME: Final = ("outcomes", "cost", "saved", "tokens_in", "tokens_out")
_SCORED: Final = ("scored", "successes")


def _add(table: str, name: str, numbers: tuple[str, ...], select: str) -> str:
    """Add the numbers that a select gives to the totals of its name."""
    sums = ", ".join(f"{n} = {n} + excluded.{n}" for n in numbers)
    return (
        f"  insert into {table} ({name}, {', '.join(numbers)})\n    {select}\n"
        f"    on conflict ({name}) do update set {sums};\n"
    )


def _add_outcome(row: str, sign: str) -> str:
    """Add an outcome's numbers to the totals; with the sign "-" take them back."""
    good = f"{sign}1, {sign}(value >= 0.5) from json_each({row}.scores)"
    return (
        _add(
            "totals_model",
            "model",
            _OUTCOME,
            f"values ({row}.model, {sign}1, {sign}coalesce({row}.cost, 0),"
            f" {sign}coalesce({row}.cost_powerful - {row}.cost, 0),"
            f" {sign}coalesce({row}.tokens_in, 0), {sign}coalesce({row}.tokens_out, 0))",
        )
        + _add("totals_model", "model", _SCORED, f"select key, {good} where true")
        + _add(
            "totals_candidate",
            "candidate_id",
            _SCORED,
            f"select {row}.candidate_id, {good}"
            f" where key = {row}.model and {row}.candidate_id is not null",
        )
    )


def _count(
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


def _count_outcome(row: str, sign: str) -> str:
    """Count an outcome; with the sign "-" take it back."""
    good = f"{sign}1, {sign}(value >= 0.5)"
    each = f" from json_each({row}.scores)"
    money = f"{row}.cost_powerful - {row}.cost"
    return (
        _count(
            "totals_model",
            _OUTCOME,
            f"{row}.model",
            f"{sign}1, {sign}coalesce({row}.cost, 0), {sign}coalesce({money}, 0),"
            f" {sign}coalesce({row}.tokens_in, 0), {sign}coalesce({row}.tokens_out, 0)",
        )
        + _count("totals_model", _SCORED, "key", good, source=each, most=COUNTED_SCORES)
        + _count(
            "totals_candidate",
            _SCORED,
            f"{row}.candidate_id",
            good,
            source=each,
            fits=f"key = {row}.model and {row}.candidate_id is not null",
            most=COUNTED_CANDIDATES,
        )
    )


MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """create table meta (
  name text primary key,
  value text not null
) strict""",
        """create table candidates (
  seq integer primary key,
  id text not null unique,
  embedding text,
  text text,
  metadata text not null,
  created_at real not null,
  access_count integer not null,
  success_rate real not null
) strict""",
        """create table decisions (
  seq integer primary key,
  decision_id text not null unique,
  at real not null,
  model text not null,
  use_lightweight integer not null,
  reason text not null,
  prompt_hash text,
  candidate_id text,
  confidence real,
  uncertainty real,
  score real,
  threshold real,
  policy_id text,
  bundle_hash text,
  propensity real not null,
  explored integer not null,
  head_inputs text,
  n_tokens integer,
  inference_time_us real
) strict""",
        """create table outcomes (
  seq integer primary key,
  decision_id text not null unique,
  at real not null,
  scores text not null,
  cost real,
  cost_powerful real,
  tokens_in integer,
  tokens_out integer,
  latency_ms real,
  model text not null,
  use_lightweight integer not null,
  prompt_hash text,
  candidate_id text,
  confidence real,
  score real,
  policy_id text,
  bundle_hash text,
  propensity real not null,
  explored integer not null,
  head_inputs text
) strict""",
        """create table states (
  seq integer primary key,
  kind text not null,
  name text not null,
  version integer not null,
  text text not null,
  unique (kind, name)
) strict""",
        """create table events (
  seq integer primary key,
  kind text not null,
  name text not null,
  version integer not null,
  n integer not null,
  at real not null,
  text text not null,
  unique (kind, name, version, n)
) strict""",
        """create table totals_model (
  model text primary key,
  routes integer not null default 0,
  light integer not null default 0,
  latency_us real not null default 0,
  timed integer not null default 0,
  outcomes integer not null default 0,
  cost real not null default 0,
  saved real not null default 0,
  tokens_in integer not null default 0,
  tokens_out integer not null default 0,
  scored integer not null default 0,
  successes integer not null default 0
) strict""",
        """create table totals_candidate (
  candidate_id text primary key,
  routes integer not null default 0,
  scored integer not null default 0,
  successes integer not null default 0
) strict""",
        "create trigger decision_counted after insert on decisions begin\n"
        + _add(
            "totals_model",
            "model",
            _MODEL,
            "values (new.model, 1, new.use_lightweight, coalesce(new.inference_time_us, 0),"
            " new.inference_time_us is not null)",
        )
        + _add(
            "totals_candidate",
            "candidate_id",
            ("routes",),
            "select new.candidate_id, 1 where new.candidate_id is not null",
        )
        + "end",
        "create trigger outcome_counted after insert on outcomes begin\n"
        + _add_outcome("new", "")
        + "end",
        "create trigger outcome_recounted after update on outcomes begin\n"
        + _add_outcome("old", "-")
        + _add_outcome("new", "")
        + "end",
    ),
    (  # who may report an outcome; totals that cannot overflow, of a bounded number of names
        "alter table decisions add column owner text",
        "alter table outcomes add column owner text",
        "drop trigger decision_counted",
        "drop trigger outcome_counted",
        "drop trigger outcome_recounted",
        "update totals_model set "
        + ", ".join(
            f"{n} = max(min({n}, {MAX_TOTAL}), -{MAX_TOTAL})"
            for n in (*_MODEL, *_OUTCOME, *_SCORED)
        ),
        "create trigger decision_counted after insert on decisions begin\n"
        + _count(
            "totals_model",
            _MODEL,
            "new.model",
            "1, new.use_lightweight, coalesce(new.inference_time_us, 0),"
            " new.inference_time_us is not null",
        )
        + _count(
            "totals_candidate",
            ("routes",),
            "new.candidate_id",
            "1",
            fits="new.candidate_id is not null",
            most=COUNTED_CANDIDATES,
        )
        + "end",
        "create trigger outcome_counted after insert on outcomes begin\n"
        + _count_outcome("new", "")
        + "end",
        "create trigger outcome_recounted after update on outcomes begin\n"
        + _count_outcome("old", "-")
        + _count_outcome("new", "")
        + "end",
    ),
)


def set_schema(version: int) -> str:
    """The statement that notes a database's version, for hosts without `user_version`."""
    return f"insert or replace into meta (name, value) values ('schema', '{version}')"


def migration_file(version: int) -> str:
    """The SQL that brings a D1 database from the version before to this one."""
    statements = (*MIGRATIONS[version - 1], set_schema(version))
    return "".join(f"{statement};\n\n" for statement in statements).rstrip() + "\n"


SCHEMA: Final = len(MIGRATIONS)
"""The schema version this code reads and writes."""

"""The tables of SQLite and D1: statements by schema version, never changed once released.

Totals are kept by triggers, so they change in the transaction of the row they count. `seq` is the
order of writing. All tables are STRICT, so that a number sent as another type is refused or
converted, and never kept as it came.
"""

from typing import Final

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

"""The tables of SQLite and D1: statements by schema version, never changed once released.

Totals are kept by triggers, so they change in the transaction of the row they count. `seq` is the
order of writing. All tables are STRICT, so that a number sent as another type is refused or
converted, and never kept as it came.
"""

from typing import Final

from ..records.statistics import MAX_TOTAL
from .triggers import (
    ASKED,
    MODEL,
    OUTCOME,
    SCORED,
    SHADOW,
    add,
    add_outcome,
    count_decision,
    count_outcome,
)

_REAL: Final = ("latency_us", "cost", "saved", *SHADOW, *ASKED)
OWNER: Final = {
    name: "real" if name in _REAL else "integer"
    for name in (*MODEL, *OUTCOME, *SCORED, *SHADOW, *ASKED)
}
"""Columns of an owner's totals of a model, since schema 4."""

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
        + add(
            "totals_model",
            "model",
            MODEL,
            "values (new.model, 1, new.use_lightweight, coalesce(new.inference_time_us, 0),"
            " new.inference_time_us is not null)",
        )
        + add(
            "totals_candidate",
            "candidate_id",
            ("routes",),
            "select new.candidate_id, 1 where new.candidate_id is not null",
        )
        + "end",
        "create trigger outcome_counted after insert on outcomes begin\n"
        + add_outcome("new", "")
        + "end",
        "create trigger outcome_recounted after update on outcomes begin\n"
        + add_outcome("old", "-")
        + add_outcome("new", "")
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
            f"{n} = max(min({n}, {MAX_TOTAL}), -{MAX_TOTAL})" for n in (*MODEL, *OUTCOME, *SCORED)
        ),
        "create trigger decision_counted after insert on decisions begin\n"
        + count_decision(schema=2)
        + "end",
        "create trigger outcome_counted after insert on outcomes begin\n"
        + count_outcome("new", "", schema=2)
        + "end",
        "create trigger outcome_recounted after update on outcomes begin\n"
        + count_outcome("old", "-", schema=2)
        + count_outcome("new", "", schema=2)
        + "end",
    ),
    (  # what a gateway that only observes would have done; pairs, and what they cost
        "alter table decisions add column would text",
        "alter table decisions add column would_reason text",
        *(f"alter table outcomes add column {name} real" for name in SHADOW),
        "alter table outcomes add column graded_by text",
        *(f"alter table totals_model add column {n} real not null default 0" for n in SHADOW),
        "drop trigger outcome_counted",
        "drop trigger outcome_recounted",
        "create trigger outcome_counted after insert on outcomes begin\n"
        + count_outcome("new", "", schema=3)
        + "end",
        "create trigger outcome_recounted after update on outcomes begin\n"
        + count_outcome("old", "-", schema=3)
        + count_outcome("new", "", schema=3)
        + "end",
    ),
    (  # what the model asked for would have cost; totals of an owner
        "alter table outcomes add column cost_asked real",
        "alter table totals_model add column saved_on_asked real not null default 0",
        "create table totals_owner (\n  owner text not null,\n  model text not null,\n"
        + "".join(f"  {name} {kind} not null default 0,\n" for name, kind in OWNER.items())
        + "  unique (owner, model)\n) strict",
        "insert into totals_owner (owner, model, routes, light, latency_us, timed)"
        " select owner, model, count(*), sum(use_lightweight),"
        " sum(coalesce(inference_time_us, 0)), sum(inference_time_us is not null)"
        " from decisions where owner is not null group by owner, model",
        "insert into totals_owner (owner, model, outcomes, cost, saved, tokens_in, tokens_out,"
        " shadow_cost, judge_cost) select owner, model, count(*), sum(coalesce(cost, 0)),"
        " sum(coalesce(cost_powerful - cost, 0)), sum(coalesce(tokens_in, 0)),"
        " sum(coalesce(tokens_out, 0)), sum(coalesce(shadow_cost, 0)), sum(coalesce(judge_cost, 0))"
        " from outcomes where owner is not null group by owner, model"
        " on conflict (owner, model) do update set outcomes = excluded.outcomes,"
        " cost = excluded.cost, saved = excluded.saved, tokens_in = excluded.tokens_in,"
        " tokens_out = excluded.tokens_out, shadow_cost = excluded.shadow_cost,"
        " judge_cost = excluded.judge_cost",
        "update totals_owner set saved = saved - shadow_cost - judge_cost,"
        " saved_on_asked = - shadow_cost - judge_cost",
        "update totals_model set saved_on_asked = - shadow_cost - judge_cost",
        "drop trigger decision_counted",
        "drop trigger outcome_counted",
        "drop trigger outcome_recounted",
        "create trigger decision_counted after insert on decisions begin\n"
        + count_decision(schema=4)
        + "end",
        "create trigger outcome_counted after insert on outcomes begin\n"
        + count_outcome("new", "", schema=4)
        + "end",
        "create trigger outcome_recounted after update on outcomes begin\n"
        + count_outcome("old", "-", schema=4)
        + count_outcome("new", "", schema=4)
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

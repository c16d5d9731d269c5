"""The tables of SQLite and D1: statements by schema version, never changed once released.

Totals are kept by triggers, so they change in the transaction of the row they count. `seq` is the
order of writing. All tables are STRICT, so that a number sent as another type is refused or
converted, and never kept as it came.
"""

from typing import Final

from ..records.statistics import COUNTED_CANDIDATES, MAX_TOTAL
from .triggers import MODEL, OUTCOME, SCORED, SHADOW, add, add_outcome, count, count_outcome

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
        + count(
            "totals_model",
            MODEL,
            "new.model",
            "1, new.use_lightweight, coalesce(new.inference_time_us, 0),"
            " new.inference_time_us is not null",
        )
        + count(
            "totals_candidate",
            ("routes",),
            "new.candidate_id",
            "1",
            fits="new.candidate_id is not null",
            most=COUNTED_CANDIDATES,
        )
        + "end",
        "create trigger outcome_counted after insert on outcomes begin\n"
        + count_outcome("new", "", has_shadow=False)
        + "end",
        "create trigger outcome_recounted after update on outcomes begin\n"
        + count_outcome("old", "-", has_shadow=False)
        + count_outcome("new", "", has_shadow=False)
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
        + count_outcome("new", "")
        + "end",
        "create trigger outcome_recounted after update on outcomes begin\n"
        + count_outcome("old", "-")
        + count_outcome("new", "")
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

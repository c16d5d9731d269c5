"""The SQL of SQLite and D1, written once.

A batch of rows is one JSON parameter that `json_each` takes apart: nothing to count, None becomes
NULL, and D1's limit of 100 parameters does not matter. Needs SQLite 3.38 (`->>`).
"""

from typing import Final

from ...checks import MAX_MODELS
from ..records import COPIED, REPORTED
from ..records.codec import COLUMNS, Kind
from ..records.outcome import PEOPLE
from ..records.state import CLAIMS, TEXTS
from ..records.statistics import CANDIDATE_TOTALS, MODEL_TOTALS, TOP_CANDIDATES
from .spent import SPENT

TABLES: Final[dict[Kind, str]] = {
    "candidate": "candidates",
    "decision": "decisions",
    "outcome": "outcomes",
    "state": "states",
    "event": "events",
}
_KEYS: Final[dict[Kind, str]] = {
    "candidate": "id",
    "decision": "decision_id",
    "outcome": "decision_id",
    "state": "kind, name",
    "event": "kind, name, version, n",
}

SEED_KEY: Final = "insert into meta (name, value) values ('key', ?) on conflict (name) do nothing"
PROBE: Final = "insert or replace into meta (name, value) values ('probe', ?)"
GET_META: Final = "select value from meta where name = ?"
CLEAR: Final = (
    *(f"delete from {table}" for table in TABLES.values()),
    "delete from totals_model",
    "delete from totals_candidate",
    "delete from totals_owner",
    "update meta set value = ? where name = 'key'",
)


def _from_json(kind: Kind) -> str:
    """Insert the rows of a JSON array of arrays; the caller adds what happens on conflict."""
    columns = COLUMNS[kind]
    values = ", ".join(f"value ->> {n}" for n in range(len(columns)))
    return (
        f"insert into {TABLES[kind]} ({', '.join(columns)}) "
        f"select {values} from json_each(?) where true on conflict ({_KEYS[kind]}) do "
    )


PUT: Final = {kind: _from_json(kind) + "nothing" for kind in TABLES}
PUT_COUNTING: Final = {kind: f"{text} returning 1" for kind, text in PUT.items()}
UPSERT_CANDIDATES: Final = (
    _from_json("candidate")
    + "update set "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS["candidate"][1:])
)

_SELECT: Final = {
    kind: f"select {', '.join(COLUMNS[kind])} from {table}" for kind, table in TABLES.items()
}
GET_CANDIDATE: Final = _SELECT["candidate"] + " where id = ?"
QUERY_CANDIDATES: Final = (
    _SELECT["candidate"]
    + " where not exists (select 1 from json_each(?) as wanted where not exists"
    " (select 1 from json_each(candidates.metadata) as had"
    " where had.key = wanted.key and had.value = wanted.value))"
    " order by seq limit ? offset ?"
)
DELETE_CANDIDATE: Final = "delete from candidates where id = ? returning 1"
NEWEST_DECISIONS: Final = _SELECT["decision"] + " order by seq desc limit ? offset ?"
SCAN: Final = {
    kind: f"select seq, {', '.join(COLUMNS[kind])} from {table} where seq > ? order by seq limit ?"
    for kind, table in TABLES.items()
}

_BY_PEOPLE: Final = f"graded_by = '{PEOPLE}' and excluded.graded_by is not null"
"""No check and no judge replaces a mark by people."""

_MERGED: Final = (
    f"iif({_BY_PEOPLE} and excluded.graded_by <> '{PEOPLE}',"
    " json_patch(excluded.scores, scores), json_patch(scores, excluded.scores))"
)
_RECORD: Final = (
    f"insert into outcomes (decision_id, at, scores, {', '.join((*REPORTED, *COPIED))}) "
    "select reported.value ->> 0, reported.value ->> 1, reported.value ->> 2, "
    + ", ".join(f"reported.value ->> {n}" for n in range(3, 3 + len(REPORTED)))
    + ", "
    + ", ".join(f"made.{name}" for name in COPIED)
    + " from json_each(?) as reported"
    " cross join decisions as made on made.decision_id = reported.value ->> 0"
    f" where coalesce(reported.value ->> {3 + len(REPORTED)} = made.owner, true)"
    # As the newest row, so that whoever scans on from a number meets it again. `excluded` is named
    # because SQLite would take the maximum once for all rows otherwise.
    " on conflict (decision_id) do update set"
    " seq = (select max(seq) + 1 from outcomes where excluded.at is not null),"
    " at = excluded.at, scores = case"
    f" when (select count(*) from json_each({_MERGED})) <= {MAX_MODELS}"
    f" then {_MERGED} else scores end, "
    + "{numbers}"
    + f", graded_by = iif({_BY_PEOPLE}, graded_by, coalesce(excluded.graded_by, graded_by))"
    + " returning decision_id"
)
_NUMBERS: Final = tuple(name for name in REPORTED if name != "graded_by")
RECORD_OUTCOMES: Final = _RECORD.replace(
    "{numbers}", ", ".join(f"{name} = coalesce(excluded.{name}, {name})" for name in _NUMBERS)
)
RECORD_OWNED_OUTCOMES: Final = _RECORD.replace(
    "{numbers}", ", ".join(f"{name} = coalesce({name}, excluded.{name})" for name in _NUMBERS)
)
"""The same for what a decision's owner reports: a measured cost stays."""
OUTCOME_COLUMNS: Final = ("decision_id", "at", "scores", *REPORTED, "owner")
"""What a row for RECORD_OUTCOMES holds, in this order."""

STATISTICS: Final = (
    f"select (select json_group_array(json_array({', '.join(MODEL_TOTALS)})) from totals_model),"
    f" (select json_group_array(json_array({', '.join(CANDIDATE_TOTALS)})) from"
    f" (select * from totals_candidate order by routes desc, candidate_id limit {TOP_CANDIDATES}))"
)
OWNER_STATISTICS: Final = (
    f"select json_group_array(json_array({', '.join(MODEL_TOTALS)})) from totals_owner"
    " where owner = ?"
)
LOAD_STATES: Final = "select name, version, text from states where kind = ?"
SEED_STATE: Final = (
    "insert into states (kind, name, text, version) values (?, ?, ?, ? + 1)"
    " on conflict (kind, name) do nothing returning version"
)
SWAP_STATE: Final = (
    "update states set text = ?, version = version + 1"
    " where kind = ? and name = ? and version = ? returning version"
)
_SPENT: Final = "iif(states.text ->> 'period' = ?2, states.text ->> 'sum', 0.0)"
SPEND: Final = (
    "insert into states (kind, name, version, text)"
    f" select '{SPENT}', ?1, 1, json_object('period', ?2, 'sum', max(0.0, ?3)) where ?3 <= ?4"
    " on conflict (kind, name) do update set version = version + 1,"
    f" text = json_object('period', ?2, 'sum', max(0.0, {_SPENT} + ?3))"
    f" where states.text ->> 'period' <= ?2 and {_SPENT} + ?3 <= ?4"
    " returning text ->> 'sum'"
)
PUT_EVENTS: Final = PUT["event"].replace(
    "where true",
    "where exists (select 1 from states where kind = ? and name = ? and version = ? and text = ?)",
)
"""The events of a swap, kept where the state is what the swap made it."""

RETAIN: Final = tuple(
    f"delete from {table} where seq in (select seq from {table} order by seq limit ?)"
    f" and (at < ? or seq <= (select max(seq) from {table}) - ?) returning 1"
    for table in ("decisions", "outcomes", "events")
)
RETAIN_STATES: Final = (
    f"delete from states where seq in (select seq from states where kind in ('{CLAIMS}', '{TEXTS}')"
    " order by seq limit ?) and not exists (select 1 from decisions where decision_id ="
    f" iif(states.kind = '{CLAIMS}', states.text, states.name)) returning 1"
)
"""What is kept of pairs whose decisions are gone."""

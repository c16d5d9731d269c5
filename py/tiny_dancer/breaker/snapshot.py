"""A breaker as JSON, for stores: version 1 of the format in docs/history.md."""

import json
from typing import Any, Final

from ..checks import MAX_COUNT, is_number
from ..config.breaker import MAX_BUCKETS, MAX_PROBES
from ..errors import SchemaError, StoreCorruptError
from ..strict_json import parse_object
from .events import Transition
from .state import BreakerState, Bucket, Mode, Probe

VERSION: Final = 1
MAX_CHARS: Final = 65_536

_COUNTS: Final = ("consecutive", "attempts", "openings", "answered")
_TIMES: Final = ("opened_at", "open_for")
_NAMES: Final = frozenset(("version", "mode", "window", "leases", *_COUNTS, *_TIMES))


def to_json(state: BreakerState) -> str:
    """The snapshot of a state. Equal states give equal texts."""
    raw: dict[str, Any] = {"version": VERSION, "mode": str(state.mode)}
    raw |= {name: getattr(state, name) for name in (*_COUNTS, *_TIMES)}
    raw["window"] = [[b.start, b.calls, b.failures, b.slow] for b in state.window]
    raw["leases"] = [[probe.id, probe.granted_at, probe.expires_at] for probe in state.probes]
    return json.dumps(raw, separators=(",", ":"))


def transition_to_json(change: Transition) -> str:
    """The text of a change of mode; its time is kept beside it."""
    names = ("before", "after", "cause", "until")
    return json.dumps({name: getattr(change, name) for name in names}, separators=(",", ":"))


def from_json(text: str) -> BreakerState:
    """Read what `to_json` wrote.

    Raises:
        SchemaError: a newer version of this package wrote it.
        StoreCorruptError: it is not a snapshot; the message names the fault.
    """
    if len(text) > MAX_CHARS:
        raise _fault(f"at most {MAX_CHARS} characters are needed, got {len(text)}")
    try:
        raw = parse_object(text)
    except ValueError as error:
        raise _fault(f"not JSON: {error}") from None
    version = raw.get("version")
    if type(version) is not int or version < 1:
        raise _fault(f"version: {VERSION} is needed, got {version!r:.40}")
    if version > VERSION:
        raise SchemaError(f"breaker snapshot: version {version}, this package knows {VERSION}")
    if odd := _NAMES ^ raw.keys():
        word = "is missing" if min(odd) in _NAMES else "is unknown"
        raise _fault(f"{min(odd)!r:.40} {word}")
    for name in _COUNTS:
        if type(raw[name]) is not int or not 0 <= raw[name] <= MAX_COUNT:
            raise _fault(f"{name}: a whole number below 2^53 is needed, got {raw[name]!r:.40}")
    for name in _TIMES:
        if not is_number(raw[name]):
            raise _fault(f"{name}: a number is needed, got {raw[name]!r:.40}")
    if raw["mode"] not in list(Mode):
        raise _fault(f"mode: one of {', '.join(Mode)} is needed, got {raw['mode']!r:.40}")
    return BreakerState(
        mode=Mode(raw["mode"]),
        consecutive=raw["consecutive"],
        window=tuple(map(_bucket, _rows(raw, "window", MAX_BUCKETS, 4))),
        opened_at=raw["opened_at"],
        open_for=raw["open_for"],
        attempts=raw["attempts"],
        openings=raw["openings"],
        probes=tuple(map(_probe, _rows(raw, "leases", MAX_PROBES, 3))),
        answered=raw["answered"],
    )


def _rows(raw: dict[str, Any], name: str, most: int, width: int) -> list[list[Any]]:
    rows = raw[name]
    if not isinstance(rows, list) or len(rows) > most:
        raise _fault(f"{name}: a list of at most {most} is needed")
    for at, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width:
            raise _fault(f"{name}[{at}]: a list of {width} is needed, got {row!r:.40}")
    return rows


def _bucket(row: list[Any]) -> Bucket:
    start, calls, failures, slow = row
    counts = (calls, failures, slow)
    if (
        not is_number(start)
        or any(type(n) is not int or not 0 <= n <= calls for n in counts)
        or calls > MAX_COUNT
    ):
        raise _fault(f"window: start, calls, failures, slow are needed, got {row!r:.60}")
    return Bucket(start, calls, failures, slow)


def _probe(row: list[Any]) -> Probe:
    name, granted_at, expires_at = row
    if (
        not isinstance(name, str)
        or not 0 < len(name) <= 200
        or not is_number(granted_at)
        or not is_number(expires_at)
    ):
        raise _fault(f"leases: id, granted_at, expires_at are needed, got {row!r:.60}")
    return Probe(name, granted_at, expires_at)


def _fault(what: str) -> StoreCorruptError:
    return StoreCorruptError(f"breaker snapshot: {what}")

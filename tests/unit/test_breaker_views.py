"""The breakers of a process, whoever names them and from however many threads."""

import sys
import threading

import pytest

from tiny_dancer import InvalidInputError, Router
from tiny_dancer.breaker.events import Report
from tiny_dancer.breaker.snapshot import from_json, to_json
from tiny_dancer.breaker.state import BreakerState, Mode
from tiny_dancer.breaker.step import step
from tiny_dancer.breaker.views import MAX_BREAKERS, BreakerViews
from tiny_dancer.config import BreakerConfig
from tiny_dancer.errors import StoreCorruptError

FAILED = Report(False)


def views() -> BreakerViews:
    return BreakerViews(BreakerConfig(jitter=0.0), 5.0)


def test_threads_that_name_new_models_disturb_nobody():
    seen, faults = views(), []
    stop = threading.Event()

    def report(k: int) -> None:
        try:
            for n in range(200):
                seen.report(f"m-{k}-{n}", FAILED, 1_000.0)
        except Exception as error:
            faults.append(error)

    def look() -> None:
        try:
            while not stop.is_set():
                seen.models()
                seen.retry_after_s(["light"], 1_000.0)
                seen.report("light", Report(True), 1_000.0)
        except Exception as error:
            faults.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        lookers = [threading.Thread(target=look) for _ in range(2)]
        writers = [threading.Thread(target=report, args=(k,)) for k in range(4)]
        for thread in (*lookers, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        stop.set()
        for thread in lookers:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert not faults
    assert len(seen.models()) == 801


def test_names_that_no_store_keeps_are_refused_at_once():
    seen = views()
    for name in ("", "x" * 201, "a\0b", "\ud800", 7):
        with pytest.raises(InvalidInputError, match="model"):
            seen.report(name, FAILED, 1_000.0)
    assert seen.models() == []
    with pytest.raises(InvalidInputError, match="model"):
        Router().report("x" * 201, ok=False)


def test_names_that_are_made_up_do_not_fill_the_memory():
    seen = views()
    for n in range(MAX_BREAKERS):
        seen.report(f"m-{n}", FAILED, 1_000.0)
    with pytest.raises(InvalidInputError, match="one more"):
        seen.report("another", FAILED, 1_000.0)
    seen.report("m-7", FAILED, 1_000.0)
    assert seen.state("m-7").consecutive == 2


def test_a_snapshot_with_a_number_beyond_reason_costs_no_time_and_no_memory():
    config = BreakerConfig(jitter=0.0, backoff=1.0, consecutive_failures=1)
    state = from_json(to_json(BreakerState(attempts=(1 << 53) - 2)))
    state, _ = step(state, FAILED, 1_000.0, config)
    assert (state.mode, state.open_for) == (Mode.OPEN, 60.0)
    text = to_json(BreakerState(attempts=1))
    for name in ("consecutive", "attempts", "openings", "answered"):
        huge = text.replace(f'"{name}":{int(name == "attempts")}', f'"{name}":{10**30}')
        with pytest.raises(StoreCorruptError, match=name):
            from_json(huge)
    window = text.replace('"window":[]', '"window":[[1.0,1e400,0,0]]')
    with pytest.raises(StoreCorruptError):
        from_json(window.replace("1e400", str(10**30)))

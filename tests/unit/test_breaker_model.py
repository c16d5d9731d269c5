"""The breaker against a model that keeps every call and looks at all of them each time."""

from math import floor

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tiny_dancer.breaker.events import Force, Granted, LeaseRequest, Report, Transition
from tiny_dancer.breaker.snapshot import from_json, to_json
from tiny_dancer.breaker.state import BreakerState, Mode, is_healthy, mode_at
from tiny_dancer.breaker.step import step
from tiny_dancer.config import BreakerConfig

CONFIG = BreakerConfig(
    consecutive_failures=3,
    window_s=10.0,
    buckets=5,
    min_calls=6,
    failure_rate=0.5,
    slow_call_ms=100.0,
    slow_rate=0.75,
    open_s=8.0,
    max_open_s=20.0,
    jitter=0.0,
    max_probes=2,
    lease_s=4.0,
)
WIDTH = CONFIG.window_s / CONFIG.buckets


class Model:
    """A breaker in the words of the documentation: lists, no cleverness."""

    def __init__(self) -> None:
        self.mode, self.calls, self.row = Mode.CLOSED, [], 0
        self.until, self.attempts, self.leases, self.answered = 0.0, 0, {}, 0

    def arrive(self, now: float) -> None:
        if self.mode is Mode.OPEN and now >= self.until:
            self.mode, self.leases, self.answered = Mode.HALF_OPEN, {}, 0
        self.leases = {name: end for name, end in self.leases.items() if now < end}

    def open(self, now: float, wait: float, *, told: bool) -> None:
        if told:
            self.until = now + wait
        else:
            self.attempts += 1
            time = min(CONFIG.open_s * 2 ** (self.attempts - 1), CONFIG.max_open_s)
            self.until = now + max(time, wait)
        self.mode, self.leases, self.calls, self.row = Mode.OPEN, {}, [], 0

    def close(self) -> None:
        self.__init__()

    def report(self, event: Report, now: float) -> None:
        self.arrive(now)
        if self.mode in (Mode.FORCED_OPEN, Mode.FORCED_CLOSED):
            return
        probe = self.leases.pop(event.lease, None) is not None
        if event.is_callers_fault:
            return
        wait = 0.0 if event.ok else event.retry_after or 0.0
        slow = (event.latency_ms or 0.0) >= 100.0
        if self.mode is Mode.OPEN:
            self.until = max(self.until, now + wait) if wait else self.until
        elif self.mode is Mode.HALF_OPEN:
            if probe and (slow or not event.ok):
                self.open(now, wait, told=False)
            elif probe:
                self.answered += 1
                if self.answered == CONFIG.probe_successes:
                    self.close()
            elif wait:
                self.open(now, wait, told=True)
        else:
            self.calls.append((now, not event.ok, slow))
            self.row = 0 if event.ok else self.row + 1
            first = floor(now / WIDTH) - CONFIG.buckets + 1
            seen = [call for call in self.calls if floor(call[0] / WIDTH) >= first]
            failed, slows = sum(c[1] for c in seen), sum(c[2] for c in seen)
            enough = len(seen) >= CONFIG.min_calls
            if (
                (not event.ok and self.row >= CONFIG.consecutive_failures)
                or (not event.ok and enough and failed >= 0.5 * len(seen))
                or (slow and enough and slows >= 0.75 * len(seen))
            ):
                self.open(now, wait, told=False)
            elif wait:
                self.open(now, wait, told=True)

    def lease(self, name: str, now: float) -> bool:
        self.arrive(now)
        if self.mode is not Mode.HALF_OPEN or len(self.leases) >= CONFIG.max_probes:
            return False
        self.leases[name] = now + CONFIG.lease_s
        return True

    def force(self, mode: Mode | None, now: float) -> None:
        self.arrive(now)
        forced = self.mode in (Mode.FORCED_OPEN, Mode.FORCED_CLOSED)
        if mode is not None and mode is not self.mode:
            self.close()
            self.mode = mode
        elif mode is None and forced:
            self.close()


class BreakerMachine(RuleBasedStateMachine):
    """Random calls, probes, waits and forcings; the clock is a number."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.state, self.model, self.names = 1000.0, BreakerState(), Model(), 0
        self.recorded = Mode.CLOSED

    def send(self, event: object) -> bool:
        self.state, effects = step(self.state, event, self.now, CONFIG)
        for effect in effects:
            if isinstance(effect, Transition):  # records form one chain without a gap
                assert effect.before is self.recorded is not effect.after
                self.recorded = effect.after
        assert self.recorded is self.state.mode
        return any(isinstance(effect, Granted) for effect in effects)

    @rule(
        ok=st.booleans(),
        latency=st.sampled_from([None, 5.0, 250.0]),
        status=st.sampled_from([None, 400, 408, 429, 503]),
        wait=st.sampled_from([None, None, None, 3.0, 30.0]),
        lease=st.integers(0, 8),
    )
    def report(self, ok, latency, status, wait, lease) -> None:
        held = sorted(self.model.leases)
        name = held[lease] if lease < len(held) else None
        event = Report(ok, latency, None if ok else status, wait, name)
        self.model.report(event, self.now)
        self.send(event)

    @rule(n=st.integers(1, 4))
    def failures(self, n: int) -> None:
        for _ in range(n):
            self.model.report(Report(False), self.now)
            self.send(Report(False))

    @rule()
    def lease(self) -> None:
        self.names += 1
        name = f"{self.names:04}"
        assert self.send(LeaseRequest(name)) == self.model.lease(name, self.now)

    @rule(seconds=st.sampled_from([0.5, 1.5, 4.0, 8.0, 25.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(mode=st.sampled_from([None, None, Mode.FORCED_OPEN, Mode.FORCED_CLOSED]))
    def force(self, mode: Mode | None) -> None:
        self.model.force(mode, self.now)
        self.send(Force(mode))

    @rule()
    def cold_start(self) -> None:
        self.state = from_json(to_json(self.state))

    @invariant()
    def agrees(self) -> None:
        before = self.state
        due = self.model.mode is Mode.OPEN and self.now >= self.model.until
        want = Mode.HALF_OPEN if due else self.model.mode
        assert mode_at(self.state, self.now) is want
        assert is_healthy(self.state, self.now) == (want in (Mode.CLOSED, Mode.FORCED_CLOSED))
        assert self.state == before
        assert len(self.state.window) <= CONFIG.buckets
        assert len(self.state.probes) <= CONFIG.max_probes


TestBreakerAgreesWithItsModel = BreakerMachine.TestCase
TestBreakerAgreesWithItsModel.settings = settings(
    max_examples=200, stateful_step_count=60, deadline=None
)

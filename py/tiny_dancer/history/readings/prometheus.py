"""`RoutingMetrics` in Prometheus' text format, version 0.0.4, by its naming conventions.

Times are in seconds, counters end in `_total`. Money is in the unit of the prices that were set.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ...breaker.state import Mode
from .metrics import BOUNDS_US, RoutingMetrics

if TYPE_CHECKING:
    from ...drift import Drift

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Labels: TypeAlias = Mapping[str, str]
_Sample: TypeAlias = tuple[str, Labels, float]


def render(metrics: RoutingMetrics) -> str:
    """The text for `GET /metrics`."""
    name = "tiny_dancer_decision_duration_seconds"
    counts = list(accumulate(metrics.latency_counts))
    bounds = [f"{bound / 1e6:g}" for bound in BOUNDS_US] + ["+Inf"]
    latency: list[_Sample] = [
        (f"{name}_bucket", {"le": bound}, count)
        for bound, count in zip(bounds, counts, strict=True)
    ]
    latency += [
        (f"{name}_sum", {}, metrics.latency_sum_us / 1e6),
        (f"{name}_count", {}, counts[-1]),
    ]
    families = [
        _one(
            "tiny_dancer_decisions_total",
            "counter",
            "Routing decisions.",
            (
                ({"model": model, "reason": reason}, n)
                for (model, reason), n in sorted(metrics.decisions.items())
            ),
        ),
        _one(
            "tiny_dancer_light_decisions_total",
            "counter",
            "Decisions that did not go to the powerful model.",
            [({}, metrics.light)],
        ),
        _family(name, "histogram", "Time of a routing decision, where it was measured.", latency),
        _one(
            "tiny_dancer_breaker_state",
            "gauge",
            "1 for the mode a model's circuit breaker is in, 0 for the others.",
            (
                ({"model": model, "state": str(mode)}, float(mode is now))
                for model, now in sorted(metrics.breakers.items())
                for mode in Mode
            ),
        ),
        _one(
            "tiny_dancer_breaker_transitions_total",
            "counter",
            "Changes of a circuit breaker's mode seen by this process, by mode reached.",
            (
                ({"model": model, "state": str(mode)}, n)
                for (model, mode), n in sorted(metrics.transitions.items())
            ),
        ),
        _one("tiny_dancer_outcomes_total", "counter", "Outcomes taken.", [({}, metrics.outcomes)]),
        _one(
            "tiny_dancer_cost_money_total",
            "counter",
            "Cost of the calls that outcomes tell of.",
            [({}, metrics.cost)],
        ),
        _one(
            "tiny_dancer_saved_money",
            "gauge",
            "Cost of always asking the powerful model, less what was paid, shadow and judge too.",
            [({}, metrics.money_saved)],
        ),
        _one(
            "tiny_dancer_saved_on_asked_money",
            "gauge",
            "The same against the model that each client asked for.",
            [({}, metrics.saved_on_asked)],
        ),
        _one(
            "tiny_dancer_shadow_money_total",
            "counter",
            "Cost of answers asked for comparison alone.",
            [({}, metrics.shadow_cost)],
        ),
        _one(
            "tiny_dancer_judge_money_total",
            "counter",
            "Cost of grading them.",
            [({}, metrics.judge_cost)],
        ),
        _one(
            "tiny_dancer_history_dropped_decisions_total",
            "counter",
            "Decision records pushed out of a full queue.",
            [({}, metrics.dropped)],
        ),
        _one(
            "tiny_dancer_history_unknown_outcomes_total",
            "counter",
            "Outcomes whose decision the store did not hold.",
            [({}, metrics.unknown_outcomes)],
        ),
        _one(
            "tiny_dancer_history_refused_records_total",
            "counter",
            "Decisions and outcomes that the store does not keep for what they are.",
            [({}, metrics.refused)],
        ),
        _one(
            "tiny_dancer_history_queued_records",
            "gauge",
            "Records that wait to be stored.",
            [({}, metrics.queued)],
        ),
        _one(
            "tiny_dancer_history_store_up",
            "gauge",
            "0 while the last write to the store failed, else 1.",
            [({}, float(not metrics.store_failing))],
        ),
        _one(
            "tiny_dancer_unreadable_policies",
            "gauge",
            "Stored policies that cannot be read; their bundles decide for the powerful model.",
            [({}, metrics.unreadable_policies)],
        ),
    ]
    if metrics.drift is not None:
        families += _drift(metrics.drift)
    return "".join(families)


def _drift(drift: "Drift") -> list[str]:
    """The monitors of a certified policy."""
    monitors = {"loss": drift.loss, "scores": drift.scores}
    return [
        _one(
            "tiny_dancer_drift_alarm",
            "gauge",
            "1 from when the certified target was shown not to hold, or unreadable, else 0.",
            [({}, float(drift.state == "alarm"))],
        ),
        _one(
            "tiny_dancer_drift_warning",
            "gauge",
            "1 from when scores were shown to be other than before, else 0.",
            [({}, float(drift.scores.since is not None))],
        ),
        _one(
            "tiny_dancer_drift_e_value",
            "gauge",
            "Evidence of a change by monitor; 1 says nothing.",
            [({"monitor": name}, one.e_value) for name, one in monitors.items()],
        ),
    ]


def _one(
    name: str,
    kind: Literal["counter", "gauge"],
    text: str,
    values: Iterable[tuple[Labels, float]],
) -> str:
    return _family(name, kind, text, [(name, labels, value) for labels, value in values])


def _family(name: str, kind: str, text: str, samples: Iterable[_Sample]) -> str:
    lines = [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
    lines += [f"{sample}{_labels(labels)} {_number(value)}" for sample, labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(float(value))

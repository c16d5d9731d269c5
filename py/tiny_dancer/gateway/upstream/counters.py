"""What a gateway has done since it started, beside the router's own counters."""

from collections import Counter


class GatewayCounters:
    """Counts calls of upstreams by what became of them, and responses by path and status."""

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, str, int]] = Counter()
        self._responses: Counter[tuple[str, int]] = Counter()
        self._shadow: Counter[str] = Counter()
        self._lost = self._unpriced = 0

    def count_call(self, upstream: str, outcome: str, status: int | None = None) -> None:
        """Count a call; without a status where no answer came."""
        self._calls[upstream, outcome, status or 0] += 1

    def count_response(self, path: str, status: int) -> None:
        """Count a response; `path` is one of the gateway's, never a client's own words."""
        self._responses[path, status] += 1

    def count_shadow(self, result: str) -> None:
        """Count what became of a sampled request."""
        self._shadow[result] += 1

    def count_lost_outcome(self) -> None:
        """Count an outcome for which the queue had no room."""
        self._lost += 1

    def count_unpriced(self) -> None:
        """Count an answer whose tokens nobody said."""
        self._unpriced += 1

    def render(self) -> str:
        """The counters in Prometheus' text format."""
        calls = "tiny_dancer_upstream_calls_total"
        responses = "tiny_dancer_gateway_responses_total"
        lines = [f"# HELP {calls} Calls to upstreams.", f"# TYPE {calls} counter"]
        for (upstream, outcome, code), n in sorted(self._calls.items()):
            labels = f'upstream="{upstream}",outcome="{outcome}",status="{code or ""}"'
            lines.append(f"{calls}{{{labels}}} {n}")
        lines += [f"# HELP {responses} Responses.", f"# TYPE {responses} counter"]
        for (path, status), n in sorted(self._responses.items()):
            lines.append(f'{responses}{{path="{path}",status="{status}"}} {n}')
        shadow = "tiny_dancer_shadow_pairs_total"
        lines += [f"# HELP {shadow} Sampled requests, by what became of their pair."]
        lines += [f"# TYPE {shadow} counter"]
        lines += [f'{shadow}{{result="{one}"}} {n}' for one, n in sorted(self._shadow.items())]
        lost = "tiny_dancer_gateway_lost_outcomes_total"
        lines += [f"# HELP {lost} Outcomes that a full queue had no room for."]
        lines += [f"# TYPE {lost} counter", f"{lost} {self._lost}"]
        unpriced = "tiny_dancer_gateway_unpriced_answers_total"
        lines += [f"# HELP {unpriced} Answers of unknown cost, such as streams that clients left."]
        lines += [f"# TYPE {unpriced} counter", f"{unpriced} {self._unpriced}"]
        return "\n".join(lines) + "\n"

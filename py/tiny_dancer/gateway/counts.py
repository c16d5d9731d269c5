"""What a gateway has done since it started, beside the router's own counters."""

from collections import Counter


class Counts:
    """Counts calls of upstreams by what became of them, and responses by path and status."""

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, str]] = Counter()
        self._responses: Counter[tuple[str, int]] = Counter()
        self._lost = 0

    def called(self, upstream: str, outcome: str) -> None:
        """Count a call."""
        self._calls[upstream, outcome] += 1

    def responded(self, path: str, status: int) -> None:
        """Count a response; `path` is one of the gateway's, never a client's own words."""
        self._responses[path, status] += 1

    def lost(self) -> None:
        """Count an outcome for which the queue had no room."""
        self._lost += 1

    def render(self) -> str:
        """The counters in Prometheus' text format."""
        calls = "tiny_dancer_upstream_calls_total"
        responses = "tiny_dancer_gateway_responses_total"
        lines = [f"# HELP {calls} Calls to upstreams.", f"# TYPE {calls} counter"]
        for (upstream, outcome), n in sorted(self._calls.items()):
            lines.append(f'{calls}{{upstream="{upstream}",outcome="{outcome}"}} {n}')
        lines += [f"# HELP {responses} Responses.", f"# TYPE {responses} counter"]
        for (path, status), n in sorted(self._responses.items()):
            lines.append(f'{responses}{{path="{path}",status="{status}"}} {n}')
        lost = "tiny_dancer_gateway_lost_outcomes_total"
        lines += [f"# HELP {lost} Outcomes that a full queue had no room for."]
        lines += [f"# TYPE {lost} counter", f"{lost} {self._lost}"]
        return "\n".join(lines) + "\n"

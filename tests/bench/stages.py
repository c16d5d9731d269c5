"""Where the time of a decision goes: its parts, each called alone, in CPython and in Pyodide."""

from array import array
from collections.abc import Callable, Iterator

from batches import medians

from tiny_dancer import Candidate, Router
from tiny_dancer.policy import decide
from tiny_dancer.text import cut

DIMENSION = 384
NOW = 1_760_000_000
QUERY = array("f", [1 / (1 + i) for i in range(DIMENSION)])


def stages(prompt: str) -> dict[str, float]:
    """Median microseconds of each part: of a decision about a text, of one among one resident."""
    text, resident = Router(), Router(clock=lambda: NOW)
    one = Candidate("one", embedding=QUERY, created_at=NOW - 1_000, success_rate=0.5)
    resident.set_candidates([one])
    data, _ = cut(prompt)
    loaded = text._service.loaded
    assert loaded is not None and text.scorer == resident.scorer == "kernel"
    return medians(
        {
            "text_scorer": lambda: loaded.scorer.score_text(data),
            **dict(_parts("text", text, prompt)),
            **dict(_parts("resident", resident, QUERY)),
        }
    )


def _parts(
    name: str, router: Router, request: object
) -> Iterator[tuple[str, Callable[[], object]]]:
    """The kernel's run is that of the request before; it stands in the block."""
    scored = router.score(request)
    choice = decide(scored, scored.rule)
    loaded = router._service.loaded
    assert loaded is not None
    yield f"{name}_score", lambda: router.score(request)
    yield f"{name}_run", loaded.scorer._run  # type: ignore[attr-defined]
    yield f"{name}_decide", lambda: decide(scored, scored.rule)
    yield f"{name}_record", lambda: router.record(scored, choice)
    yield f"{name}_route", lambda: router.route(request)

"""POST /v1/outcomes: what became of a decision, stored before the answer."""

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from ...errors import InvalidInputError
from ...history import Outcome, UnknownDecisionError
from ...history import record_outcome as store_outcome
from ...history.records.outcome import PEOPLE
from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response, json_response

if TYPE_CHECKING:
    from ..gateway import Gateway

END_SCORES: Final = ("light_score", "powerful_score")
OURS: Final = ("at", "owner", "shadow_cost", "judge_cost", "graded_by")
FIELDS: Final = (*(f.name for f in fields(Outcome) if f.name not in OURS), *END_SCORES)

PATIENCE_S: Final = (0.0, 0.1, 0.2, 0.4)
"""The decision may have been made a moment ago, by whatever process, and not be written yet."""


async def record_outcome(gateway: "Gateway", request: Request) -> Response:
    """Keep an outcome; 404 where the store holds no such decision of the caller's key."""
    body = parse_body(request)
    for name in body:
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            raise ApiError(400, f"{name!r:.60}: no such field; there are {known}.", param=name[:60])
    end_scores = [body.pop(name, None) for name in END_SCORES]
    scores = body.pop("scores", None)
    scores = {} if scores is None else scores
    if not isinstance(scores, dict):
        raise InvalidInputError("scores: an object of names and qualities is needed")
    models = gateway.upstreams.models
    for score, model in zip(end_scores, (models[0], models[-1]), strict=True):
        if score is not None:
            scores = {**scores, model: score}
    names = {*models, *gateway.upstreams.by_name}
    if unknown := [name for name in scores if name not in names]:
        raise ApiError(
            400, f"scores: {unknown[0]!r:.60} is no model; there are {', '.join(sorted(names))}."
        )
    if "decision_id" not in body:
        raise InvalidInputError("decision_id: it is missing")
    graded_by = PEOPLE if scores else None
    outcome = Outcome(
        **body, scores=scores, at=gateway.now(), owner=request.caller, graded_by=graded_by
    )
    for wait_s in PATIENCE_S:
        if wait_s:
            await gateway.sleep(wait_s)
        await gateway.router.drain()
        try:
            await store_outcome(gateway.store, outcome)
        except UnknownDecisionError:
            continue
        return json_response({"decision_id": outcome.decision_id, "stored": True})
    raise ApiError(
        404,
        "decision_id: the store holds no such decision of this key.",
        param="decision_id",
        code="decision_not_found",
    )

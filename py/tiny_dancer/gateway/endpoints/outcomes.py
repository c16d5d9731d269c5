"""POST /v1/outcomes: what became of a decision, stored before the answer."""

from dataclasses import fields
from typing import Final

from ...errors import InvalidInputError
from ...history import Outcome, UnknownDecisionError, record_outcome
from ..context import Context
from ..http.api_error import ApiError
from ..http.message import Request, Response, json_response
from ..http.payload import payload

OWN: Final = ("light_score", "powerful_score")
FIELDS: Final = (*(f.name for f in fields(Outcome) if f.name not in ("at", "owner")), *OWN)

PATIENCE_S: Final = (0.0, 0.1, 0.2, 0.4)
"""The decision may have been made a moment ago, by whatever process, and not be written yet."""


async def outcome(context: Context, request: Request, caller: str) -> Response:
    """Keep an outcome; 404 where the store holds no such decision of the caller's key."""
    body = payload(request)
    for name in body:
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            raise ApiError(400, f"{name!r:.60}: no such field; there are {known}.", param=name[:60])
    own = [body.pop(name, None) for name in OWN]
    scores = body.pop("scores", None)
    scores = {} if scores is None else scores
    if not isinstance(scores, dict):
        raise InvalidInputError("scores: an object of names and qualities is needed")
    models = context.fleet.models
    for score, model in zip(own, (models[0], models[-1]), strict=True):
        if score is not None:
            scores = {**scores, model: score}
    names = {*models, *(upstream.name for upstream in context.config.upstreams)}
    if unknown := [name for name in scores if name not in names]:
        raise ApiError(
            400, f"scores: {unknown[0]!r:.60} is no model; there are {', '.join(sorted(names))}."
        )
    if "decision_id" not in body:
        raise InvalidInputError("decision_id: it is missing")
    kept = Outcome(**body, scores=scores, at=context.now(), owner=caller)
    for wait_s in PATIENCE_S:
        if wait_s:
            await context.sleep(wait_s)
        await context.router.drain()
        try:
            await record_outcome(context.store, kept)
        except UnknownDecisionError:
            continue
        return json_response({"decision_id": kept.decision_id, "stored": True})
    raise ApiError(
        404,
        "decision_id: the store holds no such decision of this key.",
        param="decision_id",
        code="decision_not_found",
    )

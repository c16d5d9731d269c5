"""/v1/candidates: the resident candidates, in the store and in every process's router."""

from typing import Any, Final

from ...candidates.candidate import Candidate
from ...candidates.candidate_json import candidate_of, row_of
from ...errors import InvalidInputError
from ..context import Context
from ..generations import CANDIDATES
from ..http.api_error import ApiError
from ..http.message import Request, Response, json_response
from ..http.payload import payload

PAGE: Final = 500
TRIES: Final = 20
PREFIX: Final = "/v1/candidates/"


async def listed(context: Context, request: Request, caller: str) -> Response:
    """All candidates, in the order they came."""
    rows = [row_of(candidate) for candidate in await stored(context)]
    return json_response({"object": "list", "data": rows})


async def put(context: Context, request: Request, caller: str) -> Response:
    """Add candidates, or replace those of the same id: one object, or `{"candidates": [...]}`."""
    body = payload(request)
    rows: Any = body.get("candidates", [body])
    if not isinstance(rows, list) or not rows or ("candidates" in body and len(body) > 1):
        raise InvalidInputError("candidates: a list of at least one is needed, and nothing else")
    given = [candidate_of(row, f"candidates[{at}]") for at, row in enumerate(rows)]
    known = {candidate.id: candidate for candidate in await stored(context)}
    known |= {candidate.id: candidate for candidate in given}
    most = context.config.limits.candidates
    if len(known) > most:
        raise ApiError(400, f"candidates: at most {most} are held, got {len(known)}.")
    turn = context.candidate_changes
    context.router.set_candidates(list(known.values()))  # refuses what the bundle cannot score
    try:
        await context.store.insert_candidates(given)
    except BaseException:
        context.candidate_changes += 1
        await resident(context)  # what is not stored is not held either
        raise
    context.candidate_changes += 1
    if context.candidate_changes != turn + 1:  # others changed them too, and may have read less
        await resident(context)
    await context.generations.raise_(context.store, CANDIDATES)
    return json_response({"ids": [candidate.id for candidate in given]})


async def got(context: Context, request: Request, caller: str) -> Response:
    """One candidate."""
    candidate = await context.store.get_candidate(_id(request))
    if candidate is None:
        raise _unknown()
    return json_response(row_of(candidate))


async def deleted(context: Context, request: Request, caller: str) -> Response:
    """Let a candidate go."""
    if not await context.store.delete_candidate(_id(request)):
        raise _unknown()
    context.candidate_changes += 1
    await resident(context)
    await context.generations.raise_(context.store, CANDIDATES)
    return json_response({"id": _id(request), "deleted": True})


async def resident(context: Context) -> None:
    """Hold in the router what the store holds, where the bundle scores candidates.

    What was read while somebody else changed them is read again, so the last one holds them all.
    """
    bundle = context.router.bundle
    if bundle is None or bundle.config.candidate is None:
        return
    for _ in range(TRIES):
        turn = context.candidate_changes
        found = await stored(context)
        if context.candidate_changes == turn:
            context.router.set_candidates(found)
            return
    # Whoever changed them last reads them after this one.


async def stored(context: Context) -> list[Candidate]:
    """All candidates of the store."""
    found: list[Candidate] = []
    while page := await context.store.query_candidates(PAGE, len(found)):
        found += page
        if len(page) < PAGE:
            break
    return found


def _id(request: Request) -> str:
    return request.path.removeprefix(PREFIX)


def _unknown() -> ApiError:
    return ApiError(404, "There is no candidate of this id.", code="candidate_not_found")

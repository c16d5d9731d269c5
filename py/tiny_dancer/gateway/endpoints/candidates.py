"""/v1/candidates: the resident candidates, in the store and in every process's router."""

from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ...candidates.candidate import Candidate
from ...candidates.candidate_json import candidate_of, measure, row_of
from ...errors import InvalidInputError
from ..http.api_error import ApiError
from ..http.json_text import dump_compact
from ..http.request import Request, parse_body
from ..http.response import Response, json_response
from ..versions import CANDIDATES

if TYPE_CHECKING:
    from ..gateway import Gateway

PAGE: Final = 500
PIECE: Final = 100
TRIES: Final = 20
PREFIX: Final = "/v1/candidates/"


async def list_candidates(gateway: "Gateway", request: Request) -> Response:
    """All candidates, in the order they came."""
    kind = {"content-type": "application/json"}
    return Response(200, kind, _write_list(await read_candidates(gateway)))


async def _write_list(candidates: Sequence[Candidate]) -> AsyncGenerator[bytes, None]:
    """The list as JSON, piece by piece: as text vectors take some five times their bytes."""
    yield b'{"object":"list","data":['
    for at in range(0, len(candidates), PIECE):
        rows = [dump_compact(row_of(one)) for one in candidates[at : at + PIECE]]
        yield b","[: at > 0] + b",".join(rows)
    yield b"]}"


async def put_candidates(gateway: "Gateway", request: Request) -> Response:
    """Add candidates, or replace those of the same id: one object, or `{"candidates": [...]}`."""
    body = parse_body(request)
    rows: Any = body.get("candidates", [body])
    if not isinstance(rows, list) or not rows or ("candidates" in body and len(body) > 1):
        raise InvalidInputError("candidates: a list of at least one is needed, and nothing else")
    given = [candidate_of(row, f"candidates[{at}]") for at, row in enumerate(rows)]
    turn = gateway.candidate_changes
    before = await read_candidates(gateway)
    known = {candidate.id: candidate for candidate in before}
    known |= {candidate.id: candidate for candidate in given}
    most = gateway.config.limits.candidates
    if len(known) > most:
        raise ApiError(400, f"candidates: at most {most} are held, got {len(known)}.")
    room, size = gateway.config.limits.candidate_bytes, sum(map(measure, known.values()))
    if size > room:
        raise ApiError(400, f"candidates: at most {room} bytes are held, got {size}.")
    prepare = partial(gateway.router.prepare_candidates, list(known.values()))
    hold = await gateway.run_aside(prepare)  # refuses what the bundle cannot score
    await gateway.store.insert_candidates(given)
    gateway.candidate_changes += 1
    if gateway.candidate_changes == turn + 1:
        hold()
    else:  # others changed them too, and may have read less
        await load_candidates(gateway)
    await gateway.versions.announce(gateway.store, CANDIDATES)
    return json_response({"ids": [candidate.id for candidate in given]})


async def get_candidate(gateway: "Gateway", request: Request) -> Response:
    """One candidate."""
    candidate = await gateway.store.get_candidate(_parse_id(request))
    if candidate is None:
        raise _unknown_error()
    return json_response(row_of(candidate))


async def delete_candidate(gateway: "Gateway", request: Request) -> Response:
    """Let a candidate go."""
    if not await gateway.store.delete_candidate(_parse_id(request)):
        raise _unknown_error()
    gateway.candidate_changes += 1
    await load_candidates(gateway)
    await gateway.versions.announce(gateway.store, CANDIDATES)
    return json_response({"id": _parse_id(request), "deleted": True})


async def load_candidates(gateway: "Gateway") -> None:
    """Hold in the router what the store holds, where the bundle scores candidates.

    What was read while somebody else changed them is read again, so the last one holds them all.
    """
    bundle = gateway.router.bundle
    if bundle is None or bundle.config.candidate is None:
        return
    for _ in range(TRIES):
        turn = gateway.candidate_changes
        found = await read_candidates(gateway)
        hold = await gateway.run_aside(partial(gateway.router.prepare_candidates, found))
        if gateway.candidate_changes == turn:
            hold()
            return
    # Whoever changed them last reads them after this one.


async def read_candidates(gateway: "Gateway") -> list[Candidate]:
    """All candidates of the store."""
    found: list[Candidate] = []
    while page := await gateway.store.query_candidates(PAGE, len(found)):
        found += page
        if len(page) < PAGE:
            break
    return found


def _parse_id(request: Request) -> str:
    return request.path.removeprefix(PREFIX)


def _unknown_error() -> ApiError:
    return ApiError(404, "There is no candidate of this id.", code="candidate_not_found")

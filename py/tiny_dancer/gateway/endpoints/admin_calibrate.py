"""POST /admin/calibrate: from the stored outcomes to a certified policy in service."""

from typing import TYPE_CHECKING, Any, Final

from ...calibrator import apply_policy, read_outcomes
from ...errors import NotEnoughData, PolicyError
from ...policy import Policy, Target
from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response, json_response
from .computation import alone

if TYPE_CHECKING:
    from ..gateway import Gateway

TARGETS: Final = {
    "quality": "quality_kept",
    "budget": "cost",
    "regret": "regret",
    "joint": "joint",
    "selective": "selective",
    "missed_failures": "missed_failures",
}
OPTIONS: Final = ("delta", "bound", "largest_cost", "by_people", "apply")


async def calibrate(gateway: "Gateway", request: Request) -> Response:
    """Certify and apply, as `router.calibrate`; 409 with the numbers missing where data are few.

    The body is `{"quality": 0.95, "delta": 0.05}`, or has another one of `TARGETS`.
    """
    body = parse_body(request)
    known = (*TARGETS, *OPTIONS)
    if unknown := [name for name in body if name not in known]:
        raise ApiError(400, f"{unknown[0]!r:.60}: there are {', '.join(known)}.", code="unknown")
    named = [name for name in TARGETS if name in body]
    if len(named) != 1:
        raise ApiError(400, f"Exactly one of {', '.join(TARGETS)} is needed.")
    try:
        target = Target(TARGETS[named[0]], body.pop(named[0]))
        options = _options(body)
        is_applied = options.pop("apply", True)
        find = await read_outcomes(gateway.router, target, **options)
        policy: Policy = await gateway.run_aside(alone("calibrate", gateway.computing, find))
        if is_applied:
            await apply_policy(gateway.router, policy)
    except NotEnoughData as error:
        facts = {"fewest": error.fewest, "at_this_rate": error.at_this_rate}
        return json_response(
            {"certified": False, "target": error.wish, "missing": facts, "message": str(error)}, 409
        )
    except PolicyError as error:
        raise ApiError(400, str(error)) from None
    return json_response({"certified": True, "id": policy.id, "policy": policy.to_dict()})


def _options(body: dict[str, Any]) -> dict[str, Any]:
    for name, kinds in (
        ("delta", (int, float)),
        ("bound", (str,)),
        ("largest_cost", (int, float)),
        ("by_people", (bool,)),
        ("apply", (bool,)),
    ):
        value = body.get(name)
        if value is not None and type(value) not in kinds:
            raise ApiError(400, f"{name}: a {kinds[-1].__name__} is needed.", param=name)
    return {name: value for name, value in body.items() if value is not None}

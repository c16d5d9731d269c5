"""What a client's model name stands for."""

from dataclasses import dataclass
from typing import Any

from ...calibration.threshold import estimate_policy
from ...checks import shown
from ...errors import PolicyError
from ...model import Bundle
from ...policy import Policy
from ..config.key import MODES
from ..config.upstream import Upstream
from ..http.api_error import ApiError
from .upstreams import AUTO, Upstreams

MAX_POLICIES = 256


@dataclass(frozen=True, slots=True)
class RequestedModel:
    """Either a choice for the router, or an upstream.

    Attributes:
        upstream: the one asked for; None where the router decides.
        policy: to decide by; the router's where None.
        mode: what the router does where it decides, one of `MODES`.
    """

    upstream: Upstream | None = None
    policy: Policy | None = None
    mode: str = MODES[0]


class QualityPolicies:
    """Policies that were asked for by `auto:quality=x`, kept while the bundle stays.

    Args:
        quality: what `auto` stands for; None for the router's own policy.
    """

    def __init__(self, quality: float | None) -> None:
        self._quality = quality
        self._made: dict[tuple[str, float], Policy] = {}

    def find_default(self, bundle: Bundle | None) -> Policy | None:
        """The policy of `auto`; None for the router's own.

        Raises:
            PolicyError: the bundle cannot estimate what the config asks for.
        """
        if self._quality is None or bundle is None:
            return None
        return self.estimate(bundle, self._quality)

    def estimate(self, bundle: Bundle, quality: float) -> Policy:
        """The policy for this share of quality, rounded to three decimals.

        Raises:
            PolicyError: the bundle cannot estimate it.
        """
        key = bundle.bundle_hash, round(quality, 3)
        if key not in self._made:
            if len(self._made) >= MAX_POLICIES:
                self._made.clear()
            self._made[key] = estimate_policy(bundle, key[1])
        return self._made[key]


def resolve_model(
    name: Any,
    upstreams: Upstreams,
    bundle: Bundle | None,
    policies: QualityPolicies,
    mode: str = MODES[0],
) -> RequestedModel:
    """What `model` of a request stands for; `auto` where it is left out.

    Args:
        name: as the client wrote it.
        upstreams: who has a name.
        bundle: estimates a policy for `auto:quality=x`.
        policies: those estimated before.
        mode: what the router does for this caller, one of `MODES`.

    Raises:
        ApiError: 404 for a name nobody has, 400 for a malformed target, 501 for `auto:risk`.
    """
    if not isinstance(name, str | None):
        raise ApiError(400, "model: a text is needed.", param="model")
    name = upstreams.aliases.get(name or "", name)
    if name is None or name == AUTO:
        return RequestedModel(policy=policies.find_default(bundle), mode=mode)
    kind, _, target = name.partition(":")
    if kind == AUTO and target:
        return RequestedModel(policy=_parse_target(target, bundle, policies), mode=mode)
    upstream = upstreams.find(name)
    if upstream is None:
        raise make_unknown_model(name)
    if upstream.kind != "chat":
        raise ApiError(
            400,
            f"model: {upstream.name} serves /v1/{upstream.kind} alone.",
            param="model",
            code="model_not_supported",
        )
    return RequestedModel(upstream)


def make_unknown_model(name: str) -> ApiError:
    """The 404 of a name that nobody has; says how it would get one."""
    return ApiError(
        404,
        f"model: no such model {shown(name, 100)}; GET /v1/models lists them, and the config's "
        "aliases add names.",
        param="model",
        code="model_not_found",
    )


def _parse_target(target: str, bundle: Bundle | None, policies: QualityPolicies) -> Policy:
    measure, _, value = target.partition("=")
    if measure == "risk":
        raise ApiError(
            501, "auto:risk is not there yet; `tiny-dancer calibrate` certifies a policy."
        )
    try:
        quality = float(value)
    except ValueError:
        quality = -1.0
    if measure != "quality" or not 0 <= quality <= 1:
        raise ApiError(
            400,
            "model: auto:quality=x with x from 0 to 1 is needed, such as auto:quality=0.95.",
            param="model",
        )
    if bundle is None:
        raise ApiError(400, "model: without a bundle there is nothing to estimate by.")
    try:
        return policies.estimate(bundle, quality)
    except PolicyError as error:
        raise ApiError(400, f"model: {error}", param="model") from None

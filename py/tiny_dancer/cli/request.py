"""What would become of a whole request, for `tiny-dancer route --request`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidInputError
from ..files.input import read_text
from ..gateway.config.settings import GatewayConfig
from ..gateway.config.upstream import Upstream
from ..gateway.config.upstream_reader import APIS
from ..gateway.formats.whole_request import read_whole_request
from ..gateway.routing.choice import Standing
from ..gateway.routing.dry_run import run_dry
from ..gateway.routing.model_name import QualityPolicies, resolve_model
from ..gateway.routing.upstreams import Upstreams, list_models_of
from ..gateway.server.config_file import read_file
from ..router import Router
from ..strict_json import parse_object

if TYPE_CHECKING:
    from rich.table import Table


def tell_request(
    file: Path, format_name: str | None, config: Path | None, bundle: Path | None
) -> dict[str, Any]:
    """What `POST /v1/route` answers to the request in a file.

    Args:
        file: holds it as JSON; `-` is standard input.
        format_name: the format, where the shape does not say it.
        config: a gateway's settings, whose keys are not needed. Without it every model can do
            everything, no price is known, and the model that the request names is not looked at.
        bundle: the bundle to use instead.

    Raises:
        ApiError: the gateway would refuse the request.
        InvalidInputError: a file cannot be read or is malformed.
    """
    text = read_text("/dev/stdin" if str(file) == "-" else file)
    try:
        body = parse_object(text)
    except ValueError as error:
        raise InvalidInputError(f"{file}: not JSON of an object: {error}") from None
    asked: Any
    name, conversation = read_whole_request(body, format_name)
    if config is None:
        router = Router(model=bundle)
        upstreams = _arrange_bare(list_models_of(router.bundle))
        settings, asked = GatewayConfig(upstreams.serving), None  # that is, auto
    else:
        settings, asked = read_file(config, lambda _: "not needed"), body.get("model")
        router = Router(settings.router, model=bundle)
        upstreams = Upstreams.arrange(settings, list_models_of(router.bundle))
    with router:
        policies = QualityPolicies(settings.policy.quality)
        model = resolve_model(asked, upstreams, router.bundle, policies, settings.policy.mode)
        standing = Standing(settings.policy.sticky)
        found = asyncio.run(run_dry(router, upstreams, conversation, model, standing)).to_dict()
    if config is None:
        found["upstream"] = None
    return {"format": name, **found}


def draw_request(told: dict[str, Any]) -> "Table":
    """The same as a person reads it."""
    from rich.table import Table
    from rich.text import Text

    rows = Table(show_header=False, box=None, pad_edge=False)
    rows.add_row("format", told["format"])
    rows.add_row("model", Text(told["model"], "bold"))
    rows.add_row("upstream", told["upstream"] or "-")
    rows.add_row("reason", told["reason"].replace("_", " "))
    if told["would"]:
        rows.add_row("would be", told["would"])
    if told["score"] is not None:
        bound = f"  (threshold {told['threshold']:.3f})" if told["threshold"] is not None else ""
        rows.add_row("score", f"{told['score']:.3f}{bound}")
    if told["confidence"] is not None:
        rows.add_row("confidence", f"{told['confidence']:.3f}")
    rows.add_row("needs", ", ".join(told["capability"]) or "nothing special")
    rows.add_row("tokens", f"{told['tokens']['in']} in, {told['tokens']['out']} out at most")
    for name, cost in told["cost"].items():
        rows.add_row(f"cost, {name}", "unknown" if cost is None else f"{cost:.6f}")
    return rows


def _arrange_bare(models: tuple[str, ...]) -> Upstreams:
    """An upstream for each model, which can do everything."""
    serving = tuple(
        Upstream(one, "http://localhost", one, one, api=APIS, vision=True, audio=True, files=True)
        for one in models
    )
    return Upstreams(models, serving, {one.name: one for one in serving}, {})

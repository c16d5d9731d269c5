"""LiteLLM's routing plug-in and its classifier plug-in; docs/integrations.md has the YAML.

Neither imports LiteLLM: both of its protocols are told by their methods.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ..checks import check_name
from ..decisions.figures import describe_figures
from ..errors import InvalidInputError
from ..policy import LIGHT, POWERFUL
from ..response import RoutingResponse
from ..router import Router
from .conversation import decide_conversation, find_for, open_router

if TYPE_CHECKING:
    from litellm.types.router import RoutingContext

TIERS: Final = {LIGHT: "SIMPLE", POWERFUL: "COMPLEX"}


class _Decider:
    """Decides on the messages of a context.

    Args:
        bundle: its file; the shipped one where left out.
        policy: file of a certified policy.
        router: decides instead of one of these files.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        *,
        bundle: str | None = None,
        policy: str | None = None,
        router: Router | None = None,
    ) -> None:
        for model, name in names.items():
            check_name("model", model)
            check_name(model, name)
        self._names = dict(names)
        self._files = bundle, policy
        self._router = router

    def _decide(self, context: "RoutingContext") -> tuple[RoutingResponse | None, str | None]:
        """The decision, and what stands for its model; no decision on what cannot be read."""
        router = self._router or open_router(*self._files)
        try:
            messages = context.structured_messages or context.raw_messages
            response = decide_conversation(router, messages)
        except InvalidInputError:
            return None, self._names.get(POWERFUL)
        return response, find_for(router, response.model, self._names)


class RoutingPlugin(_Decider):
    """Narrows the candidates of a request to the deployment of the chosen model.

    The decision is in the request's metadata, `routing_plugin_signals["tiny_dancer"]`. Where the
    deployment is none of the candidates, they stay as they are, and the signal says so.

    Args:
        models: by `light` and `powerful`, or a name of the bundle, the `litellm_params.model` of
            its deployments. Left out: the first deployment in the config is light, the last one
            powerful.
        files: `bundle`, `policy` or `router`.
    """

    def __init__(self, models: Mapping[str, str] | None = None, **files: Any) -> None:
        super().__init__(models or {}, **files)

    async def run(self, context: "RoutingContext") -> "RoutingContext":
        """The context with the candidates that are left; LiteLLM calls it for each request."""
        response, name = self._decide(context)
        found = context.candidate_models
        if not self._names and found:
            name = found[0] if response is not None and response.use_lightweight else found[-1]
        left = [one for one in found if one == name]
        figures: dict[str, Any] = {"reason": "unreadable"}
        if response is not None:
            figures = {"model": response.model, **describe_figures(response)}
        context.signals["tiny_dancer"] = {**figures, "narrowed": bool(left)}
        if left:
            context.candidate_models = left
        return context


class Classifier(_Decider):
    """Tells the tier of a request, for LiteLLM's complexity router with `classifier_type: custom`.

    Args:
        tiers: by `light` and `powerful`, or a name of the bundle, the name of a tier.
        files: `bundle`, `policy` or `router`.
    """

    def __init__(self, tiers: Mapping[str, str] = TIERS, **files: Any) -> None:
        super().__init__(tiers, **files)

    async def classify(self, context: "RoutingContext") -> str | None:
        """The tier; None, so that LiteLLM's own fallback decides, where none was given for it."""
        return self._decide(context)[1]


routing_plugin: Final = RoutingPlugin()
classifier: Final = Classifier()
"""Made ones that the proxy's YAML can name."""

"""Which endpoint a path leads to, and who may call it."""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from ..http.api_error import ApiError
from ..http.request import Request
from ..http.response import Response
from . import candidates, models
from .admin_adapt import adapt
from .admin_breaker import hold_breaker
from .admin_calibrate import calibrate
from .admin_drift import handle_drift
from .admin_reload import reload
from .chat_completions import complete_chat
from .completions import complete_prompt
from .count_tokens import count_tokens
from .decisions import decide_questions, decide_system_one
from .embeddings import embed
from .health import check_health, check_readiness
from .messages import create_message
from .metrics import get_metrics
from .outcomes import record_outcome
from .report import get_report
from .responses import create_response
from .route import route
from .stats import get_stats

if TYPE_CHECKING:
    from ..gateway import Gateway

Handler: TypeAlias = "Callable[[Gateway, Request], Awaitable[Response]]"


class Access(Enum):
    """Who may call an endpoint."""

    ANYBODY = 0
    USER = 1
    ADMIN = 2


class Endpoint(NamedTuple):
    """What answers, and who may call it."""

    handler: Handler
    access: Access = Access.USER


ENDPOINTS: Final[dict[str, dict[str, Endpoint]]] = {
    "/v1/chat/completions": {"POST": Endpoint(complete_chat)},
    "/v1/completions": {"POST": Endpoint(complete_prompt)},
    "/v1/messages": {"POST": Endpoint(create_message)},
    "/v1/messages/count_tokens": {"POST": Endpoint(count_tokens)},
    "/v1/responses": {"POST": Endpoint(create_response)},
    "/v1/embeddings": {"POST": Endpoint(embed)},
    "/v1/models": {"GET": Endpoint(models.list_models)},
    models.PREFIX: {"GET": Endpoint(models.get_model)},
    "/v1/decisions": {"POST": Endpoint(decide_questions)},
    "/v1/systemone": {"POST": Endpoint(decide_system_one)},
    "/v1/route": {"POST": Endpoint(route)},
    "/v1/outcomes": {"POST": Endpoint(record_outcome)},
    "/v1/candidates": {
        "GET": Endpoint(candidates.list_candidates),
        "POST": Endpoint(candidates.put_candidates),
        "PUT": Endpoint(candidates.put_candidates),
    },
    candidates.PREFIX: {
        "GET": Endpoint(candidates.get_candidate),
        "DELETE": Endpoint(candidates.delete_candidate),
    },
    "/v1/stats": {"GET": Endpoint(get_stats)},
    "/v1/report": {"GET": Endpoint(get_report)},
    "/metrics": {"GET": Endpoint(get_metrics)},
    "/healthz": {"GET": Endpoint(check_health, Access.ANYBODY)},
    "/readyz": {"GET": Endpoint(check_readiness, Access.ANYBODY)},
    "/admin/reload": {"POST": Endpoint(reload, Access.ADMIN)},
    "/admin/breaker": {"POST": Endpoint(hold_breaker, Access.ADMIN)},
    "/admin/calibrate": {"POST": Endpoint(calibrate, Access.ADMIN)},
    "/admin/adapt": {"POST": Endpoint(adapt, Access.ADMIN)},
    "/admin/drift": {"POST": Endpoint(handle_drift, Access.ADMIN)},
}


def strip_path(target: str) -> str:
    """The path of a request's target: without scheme and host, and without a slash at its end."""
    scheme, separator, rest = target.partition("://")
    if separator and scheme.lower() in ("http", "https"):
        target = "/" + rest.partition("/")[2]
    is_named = target.startswith(candidates.PREFIX)  # a candidate's id may end in a slash
    return target if is_named and target != candidates.PREFIX else target.rstrip("/") or "/"


def find_path(path: str) -> str:
    """The key of `ENDPOINTS` that a path belongs to; `unknown` where there is none."""
    for prefix in (candidates.PREFIX, models.PREFIX):
        if path.startswith(prefix) and len(path) > len(prefix):
            return prefix
    return path if path in ENDPOINTS else "unknown"


def find_endpoint(path: str, method: str) -> Endpoint:
    """The endpoint of a key of `ENDPOINTS`; HEAD asks for the headers of GET.

    Raises:
        ApiError: 404 for no such address, 405 for no such method.
    """
    methods = ENDPOINTS.get(path)
    if methods is None:
        raise ApiError(
            404,
            "There is no such path; those of the API begin with /v1, as /v1/chat/completions does.",
            code="unknown_url",
        )
    method = "GET" if method == "HEAD" else method
    if method not in methods:
        allowed = ", ".join(methods)
        raise ApiError(405, f"The method has to be {allowed}.", headers={"allow": allowed})
    return methods[method]

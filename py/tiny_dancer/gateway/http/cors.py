"""Which pages may call: none, unless the config names their origin."""

from collections.abc import Mapping

from .request import Request
from .response import Response


def build_cors_headers(request: Request, origins: tuple[str, ...]) -> dict[str, str]:
    """What a browser has to be told; empty where a page sent nothing."""
    origin = request.headers.get("origin")
    if not origins or origin is None:
        return {}
    headers = {"vary": "origin"}
    if origin in origins or "*" in origins:
        headers["access-control-allow-origin"] = origin
        headers["access-control-expose-headers"] = "*, retry-after"
    return headers


def answer_preflight(request: Request, cors_headers: Mapping[str, str]) -> Response | None:
    """The answer to a browser's question beforehand; None where the request is none."""
    method = request.headers.get("access-control-request-method")
    is_allowed = "access-control-allow-origin" in cors_headers
    if request.method != "OPTIONS" or method is None or not is_allowed:
        return None
    return Response(
        204,
        {
            "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE",
            "access-control-allow-headers": request.headers.get(
                "access-control-request-headers", "authorization, content-type"
            ),
            "access-control-max-age": "600",
        },
    )

"""Which pages may call: none, unless the config names their origin."""

from collections.abc import Mapping

from .message import Request, Response


def cors_headers(request: Request, origins: tuple[str, ...]) -> dict[str, str]:
    """What a browser has to be told; empty where the origin is not allowed."""
    origin = request.headers.get("origin")
    if not origins or origin is None:
        return {}
    headers = {"vary": "origin"}
    if origin in origins or "*" in origins:
        headers["access-control-allow-origin"] = origin
        headers["access-control-expose-headers"] = "*, retry-after"
    return headers


def preflight(request: Request, allowed: Mapping[str, str]) -> Response | None:
    """The answer to a browser's question beforehand; None where the request is none."""
    asked = request.headers.get("access-control-request-method")
    if request.method != "OPTIONS" or asked is None or "access-control-allow-origin" not in allowed:
        return None
    return Response(
        204,
        {
            "access-control-allow-methods": "GET, POST, PUT, DELETE",
            "access-control-allow-headers": request.headers.get(
                "access-control-request-headers", "authorization, content-type"
            ),
            "access-control-max-age": "600",
        },
    )

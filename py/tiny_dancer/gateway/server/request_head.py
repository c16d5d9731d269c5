"""From the head of an HTTP request, as uvicorn hands it over, to a `Request`."""

import ipaddress
from collections.abc import AsyncIterator, Iterable
from urllib.parse import urlsplit

from starlette.types import Scope

from ..config.settings import GatewayConfig
from ..http.api_error import ApiError
from ..http.request import Request


def read_request(scope: Scope, config: GatewayConfig, body: AsyncIterator[bytes]) -> Request:
    """The request; one with a refusal where its framing or its host is not taken.

    Args:
        scope: of ASGI.
        config: says which hosts there are.
        body: in pieces.
    """
    headers = join_headers(scope["headers"])
    refusal = find_framing_fault(headers, scope["http_version"])
    refusal = refusal or find_host_fault(headers.get("host", ""), scope["path"], config)
    query = scope["query_string"].decode("latin-1")
    return Request(scope["method"], scope["path"], headers, body, query=query, refusal=refusal)


def join_headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by name in small letters; those of one name are joined, so that each counts."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def find_framing_fault(headers: dict[str, str], version: str) -> ApiError | None:
    """The error of a body whose end two servers may see at two places (RFC 9112, 6.1)."""
    if "transfer-encoding" not in headers:
        return None
    if "content-length" in headers:
        message = "Headers: transfer-encoding and content-length exclude each other."
    elif version == "1.0":
        message = "Headers: HTTP/1.0 has no transfer-encoding."
    else:
        return None
    return ApiError(400, message, code="bad_framing", headers={"connection": "close"})


def find_host_fault(host: str, target: str, config: GatewayConfig) -> ApiError | None:
    """The error of a request for a host that is not this one.

    A page whose name leads to 127.0.0.1 all of a sudden (DNS rebinding) reads what any page of
    that name may read; its requests still carry the name.
    """
    if not config.hosts and not config.anonymous:
        return None
    hosts = [host]
    if "://" in target:
        hosts.append(target.partition("://")[2].partition("/")[0])
    if all(is_known_host(one, config.hosts) for one in hosts):
        return None
    return ApiError(
        421,
        "Host: this name is not of this gateway; the setting hosts lists those that are.",
        code="unknown_host",
    )


def is_known_host(host: str, names: tuple[str, ...]) -> bool:
    """True for one of the names, and for an address or `localhost`, which nobody can redirect."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return False
    if "*" in names or name in names or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

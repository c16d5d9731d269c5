"""The HTTP part of the reference: every URL of the gateway."""

from collections.abc import Iterator

from tiny_dancer.gateway.endpoints.paths import ENDPOINTS

from .docstring import parse


def write_http() -> Iterator[str]:
    """The lines of the part."""
    yield "| method | path | key | does |"
    yield "| --- | --- | --- | --- |"
    for path, methods in ENDPOINTS.items():
        for method, endpoint in methods.items():
            does = parse(endpoint.handler).summary
            yield f"| `{method}` | `{path}` | {endpoint.access.name.lower()} | {does} |"
    yield ""

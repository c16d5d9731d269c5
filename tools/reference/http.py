"""The HTTP part of the reference: every URL of the gateway."""

from collections.abc import Iterator

from tiny_dancer.gateway.gateway import ROUTES

from .docstring import parse


def write_http() -> Iterator[str]:
    """The lines of the part."""
    yield "| method | path | key | does |"
    yield "| --- | --- | --- | --- |"
    for path, methods in ROUTES.items():
        for method, route in methods.items():
            does = parse(route.endpoint).summary
            yield f"| `{method}` | `{path}` | {route.who.name.lower()} | {does} |"
    yield ""

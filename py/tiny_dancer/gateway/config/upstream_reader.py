"""From a table of the config to an `Upstream`."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from ...config import Price
from .error import ConfigError
from .table import Table
from .upstream import Upstream

Secret: TypeAlias = Callable[[str], str | None]
"""The value of an environment variable or of a Worker's secret; None where it is not set."""

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@-]{0,99}")
"""What an upstream may be called: it stands in headers and in URLs."""

AUTHS: Final = ("bearer", "api-key", "x-api-key")
"""How a key goes up."""

APIS: Final = ("chat", "messages", "responses")
"""The formats that an upstream may speak."""

_EFFORT: Final = re.compile(r"[a-z0-9_-]{1,40}")
_HEADER: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,100}")
_RESERVED: Final = ("host", "connection", "content-length", "content-type", "transfer-encoding")
"""Headers that belong to the call and not to the config."""


def read_upstream(row: Table, secret: Secret) -> Upstream:
    """The upstream that a table describes.

    Raises:
        ConfigError: a value is malformed or missing; names its path.
    """
    name = row.require_text("name")
    if not NAME.fullmatch(name) or name == "auto":
        raise row.make_error("name", "1 to 100 letters, digits and . _ / @ - (and not auto)", name)
    variable = row.take_text("key_env")
    key = secret(variable) if variable is not None else None
    if variable is not None and not key:
        raise ConfigError(f"{row.join_path('key_env')}: {variable} is not set")
    if key is not None and (not key.isascii() or not key.isprintable()):
        raise ConfigError(f"{row.join_path('key_env')}: {variable} holds what no header can carry")
    found = Upstream(
        name=name,
        base_url=_read_url(row),
        model=row.require_text("model"),
        serves=row.take_text("serves"),
        kind=row.take_choice("kind", ("chat", "embeddings")),
        api=row.take_choices("api", APIS),
        key=key,
        auth=row.take_choice("auth", AUTHS) if row.has("auth") else None,
        headers=_read_headers(row),
        query=row.take_texts("query"),
        price=_read_price(row),
        timeout_s=row.take_number("timeout_s", 120.0, 0.01, 3600.0) or 0.0,
        stall_s=row.take_number("stall_s", 30.0, 0.01, 3600.0) or 0.0,
        context=row.take_int("context", None, 1),
        tools=row.take_flag("tools", True),
        vision=row.take_flag("vision", False),
        audio=row.take_flag("audio", False),
        files=row.take_flag("files", False),
        schemas=row.take_flag("schemas", True),
        choices=row.take_flag("choices", True),
        logprobs=row.take_flag("logprobs", True),
        effort=_read_effort(row),
        stream_usage=row.take_flag("stream_usage", True),
    )
    if found.kind == "embeddings" and found.serves is not None:
        raise ConfigError(f"{row.join_path('serves')}: an upstream for embeddings serves none")
    row.refuse_rest()
    return found


def _read_url(row: Table) -> str:
    value = row.require_text("base_url")
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.username or parts.query or parts.fragment or " " in value:
        raise row.make_error("base_url", "http(s)://host[:port][/path]", value)
    return value.rstrip("/")


def _read_price(row: Table) -> Price | None:
    given = row.has("price_in"), row.has("price_out")
    price_in, price_out = row.take_number("price_in", 0.0), row.take_number("price_out", 0.0)
    cached_in = row.take_number("price_cached_in", None)
    cache_write = row.take_number("price_cache_write", None)
    if given[0] != given[1]:
        raise ConfigError(f"{row.join_path('price_in')}: price_in and price_out go together")
    if not given[0] and (cached_in, cache_write) != (None, None):
        raise ConfigError(f"{row.join_path('price_in')}: it is missing beside those of the cache")
    return Price(price_in or 0.0, price_out or 0.0, cached_in, cache_write) if given[0] else None


def _read_effort(row: Table) -> str | None:
    value = row.take_text("effort")
    if value is not None and not _EFFORT.fullmatch(value):
        raise row.make_error("effort", 'a word such as "low" or "high"', value)
    return value


def _read_headers(row: Table) -> Mapping[str, str]:
    headers = {name.lower(): value for name, value in row.take_texts("headers").items()}
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or name in _RESERVED:
            raise ConfigError(f"{row.join_path('headers')}.{name}: no such header can be set")
        if not value.isascii():
            raise ConfigError(f"{row.join_path('headers')}.{name}: ASCII is needed")
    return headers


def check_unique(names: list[str], path: str) -> None:
    """Refuse a name that two upstreams have.

    Raises:
        ConfigError: names the second one.
    """
    for at, name in enumerate(names):
        if name in names[:at]:
            raise ConfigError(f"{path}[{at}]: another upstream is or serves {name!r} already")

"""From TOML or JSON to a `GatewayConfig`."""

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from ...config import BreakerConfig, HistoryConfig, Price
from ...strict_json import parse_object
from ..upstream.upstream import Upstream
from .settings import GatewayConfig, Key, Limits, PolicyConfig
from .table import ConfigError, Table

Secret: TypeAlias = Callable[[str], str | None]
"""The value of an environment variable or of a Worker's secret; None where it is not set."""

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@-]{0,99}")
"""What an upstream may be called: it stands in headers and in URLs."""

_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|\*")


def from_toml(text: str, secret: Secret) -> GatewayConfig:
    """The settings of a TOML file.

    Raises:
        ConfigError: it is malformed; names the line where it is no TOML, else the path.
    """
    import tomllib  # not on the edge, whose config is JSON

    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits; arrays as deep
        raise ConfigError("not TOML: a number has too many digits, or a list is too deep") from None
    return read_config(raw, secret)


def from_json(text: str, secret: Secret) -> GatewayConfig:
    """The same from JSON.

    Raises:
        ConfigError: it is malformed; names the line where it is no JSON, else the path.
    """
    try:
        raw = parse_object(text)
    except ValueError as error:
        raise ConfigError(f"not JSON: {error}") from None
    return read_config(raw, secret)


def read_config(raw: Any, secret: Secret) -> GatewayConfig:
    """The same from what either parser gives.

    Raises:
        ConfigError: a value is malformed or missing; names its path.
    """
    top = Table(raw)
    upstreams = tuple(_upstream(row, secret) for row in top.rows("upstreams"))
    keys = tuple(_key(row) for row in top.rows("keys"))
    admin_keys = tuple(_key(row) for row in top.rows("admin_keys"))
    anonymous = top.flag("anonymous", False)
    storage = top.part("storage")
    policy = top.part("policy")
    breaker = top.part("breaker")
    config = GatewayConfig(
        upstreams=upstreams,
        keys=keys,
        admin_keys=admin_keys,
        anonymous=anonymous,
        cors=_origins(top),
        storage=storage.text("path"),
        policy=_policy(policy),
        limits=_limits(top.part("limits")),
        breaker=breaker.into(BreakerConfig) if breaker.flag("enabled", True) else None,
        history=storage.into(HistoryConfig),
    )
    top.end()
    if not any(one.kind == "chat" for one in upstreams):
        raise ConfigError("upstreams: at least one of kind chat is needed")
    for what in ("name", "breaker"):
        _unique([getattr(one, what) for one in upstreams], "upstreams")
    if not keys and not anonymous:
        raise ConfigError("keys: at least one is needed, or anonymous = true")
    if keys and anonymous:
        raise ConfigError("anonymous: it and keys exclude each other")
    if {k.sha256 for k in keys} & {k.sha256 for k in admin_keys}:
        raise ConfigError("admin_keys: a key cannot be a user's and an admin's")
    return config


def _upstream(row: Table, secret: Secret) -> Upstream:
    name = row.needed("name")
    if not NAME.fullmatch(name) or name == "auto":
        raise row.fault("name", "1 to 100 letters, digits and . _ / @ - (and not auto)", name)
    variable = row.text("key_env")
    key = secret(variable) if variable is not None else None
    if variable is not None and not key:
        raise ConfigError(f"{row.at('key_env')}: {variable} is not set")
    if key is not None and (not key.isascii() or not key.isprintable()):
        raise ConfigError(f"{row.at('key_env')}: {variable} holds what no header can carry")
    kind = row.text("kind", "chat")
    if kind not in ("chat", "embeddings"):
        raise row.fault("kind", "chat or embeddings", kind)
    found = Upstream(
        name=name,
        base_url=_url(row),
        model=row.needed("model"),
        serves=row.text("serves"),
        kind=kind,
        key=key,
        price=_price(row),
        timeout_s=row.number("timeout_s", 120.0, 0.01, 3600.0) or 0.0,
        stall_s=row.number("stall_s", 30.0, 0.01, 3600.0) or 0.0,
        context=row.whole("context", None, 1),
        tools=row.flag("tools", True),
        vision=row.flag("vision", False),
        stream_usage=row.flag("stream_usage", True),
    )
    if found.kind == "embeddings" and found.serves is not None:
        raise ConfigError(f"{row.at('serves')}: an upstream for embeddings serves none")
    row.end()
    return found


def _url(row: Table) -> str:
    value = row.needed("base_url")
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.username or parts.query or parts.fragment or " " in value:
        raise row.fault("base_url", "http(s)://host[:port][/path]", value)
    return value.rstrip("/")


def _price(row: Table) -> Price | None:
    given = row.has("price_in"), row.has("price_out")
    price_in, price_out = row.number("price_in", 0.0), row.number("price_out", 0.0)
    if given[0] != given[1]:
        raise ConfigError(f"{row.at('price_in')}: price_in and price_out go together")
    return Price(price_in or 0.0, price_out or 0.0) if given[0] else None


def _key(row: Table) -> Key:
    name, digest = row.needed("name"), row.needed("sha256").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ConfigError(f"{row.at('sha256')}: 64 hexadecimal digits are needed")
    row.end()
    return Key(name, digest)


def _origins(top: Table) -> tuple[str, ...]:
    value = top.take("cors") or []
    if not isinstance(value, list):
        raise top.fault("cors", "a list of origins", value)
    for at, origin in enumerate(value):
        if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
            raise top.fault(f"cors[{at}]", 'an origin such as "https://app.example"', origin)
    return tuple(value)


def _policy(table: Table) -> PolicyConfig:
    policy = PolicyConfig(
        bundle=table.text("bundle"),
        quality=table.number("quality", None, 0.0, 1.0),
        confidence_threshold=table.number("confidence_threshold", None, 0.0, 1.0),
        max_uncertainty=table.number("max_uncertainty", None, 0.0, 1.0),
        sticky=table.flag("sticky", True),
    )
    table.end()
    gate = policy.confidence_threshold is not None or policy.max_uncertainty is not None
    if gate and policy.quality is not None:
        raise ConfigError(f"{table.at('quality')}: it and the gate exclude each other")
    return policy


def _limits(table: Table) -> Limits:
    least = Limits()
    limits = Limits(
        header_bytes=table.whole("header_bytes", least.header_bytes, 256, 1 << 20) or 0,
        body_bytes=table.whole("body_bytes", least.body_bytes, 256, 1 << 28) or 0,
        answer_bytes=table.whole("answer_bytes", least.answer_bytes, 256, 1 << 28) or 0,
        body_s=table.number("body_s", least.body_s, 0.01, 3600.0) or 0.0,
        deadline_s=table.number("deadline_s", least.deadline_s, 0.01, 3600.0) or 0.0,
        stream_s=table.number("stream_s", least.stream_s, 0.01, 86_400.0) or 0.0,
        retries=table.whole("retries", least.retries, 0, 10) or 0,
        backoff_s=table.number("backoff_s", least.backoff_s, 0.0, 60.0) or 0.0,
        conversations=table.whole("conversations", least.conversations, 0, 1_000_000) or 0,
        candidates=table.whole("candidates", least.candidates, 0, 10_000) or 0,
    )
    table.end()
    return limits


def _unique(names: list[str], path: str) -> None:
    for at, name in enumerate(names):
        if name in names[:at]:
            raise ConfigError(f"{path}[{at}]: another upstream is or serves {name!r} already")

"""From TOML or JSON to a `GatewayConfig`."""

import re
from typing import Any, Final

from ...config import BreakerConfig, HistoryConfig
from ...decisions import QuestionConfig, read_question_configs
from ...errors import InvalidInputError
from ...strict_json import parse_object
from .error import ConfigError
from .key import MODES, read_key
from .named_file import ReadText, read_policy_file
from .settings import GatewayConfig, Limits, PolicyConfig, TracesConfig
from .shadow import read_shadow
from .table import Table
from .upstream_reader import Secret, check_unique, read_upstream

_HOST: Final = re.compile(r"[a-z0-9._-]{1,253}|\*")
_ENDPOINT: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~/-]*)?")
_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|\*")


def parse_toml(text: str, secret: Secret, read_text: ReadText | None = None) -> GatewayConfig:
    """The settings of a TOML file.

    Args:
        text: of the file.
        secret: gives a secret by its name.
        read_text: reads the files that it names; None where this host has none.

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
    return read_config(raw, secret, read_text)


def parse_json(text: str, secret: Secret, read_text: ReadText | None = None) -> GatewayConfig:
    """The same from JSON.

    Args:
        text: of the file, or of a setting of the host.
        secret: gives a secret by its name.
        read_text: as for `parse_toml`.

    Raises:
        ConfigError: it is malformed; names the line where it is no JSON, else the path.
    """
    try:
        raw = parse_object(text)
    except ValueError as error:
        raise ConfigError(f"not JSON: {error}") from None
    return read_config(raw, secret, read_text)


def read_config(raw: Any, secret: Secret, read_text: ReadText | None = None) -> GatewayConfig:
    """The same from what either parser gives.

    Raises:
        ConfigError: a value is malformed or missing; names its path.
    """
    top = Table(raw)
    upstreams = tuple(read_upstream(row, secret) for row in top.take_tables("upstreams"))
    keys = tuple(read_key(row) for row in top.take_tables("keys"))
    admin_keys = tuple(read_key(row) for row in top.take_tables("admin_keys"))
    anonymous = top.take_flag("anonymous", False)
    storage = top.take_table("storage")
    policy = top.take_table("policy")
    breaker = top.take_table("breaker")
    config = GatewayConfig(
        upstreams=upstreams,
        keys=keys,
        admin_keys=admin_keys,
        anonymous=anonymous,
        hosts=_read_hosts(top),
        cors=_read_origins(top),
        storage=storage.take_text("path"),
        policy=_read_policy(policy, read_text),
        limits=_read_limits(top.take_table("limits")),
        breaker=breaker.build(BreakerConfig) if breaker.take_flag("enabled", True) else None,
        history=storage.build(HistoryConfig),
        aliases=top.take_texts("aliases"),
        decisions=_read_decisions(top),
        shadow=read_shadow(top.take_table("shadow"), read_text),
        traces=_read_traces(top.take_table("traces")),
    )
    top.refuse_rest()
    if not any(one.kind == "chat" for one in upstreams):
        raise ConfigError("upstreams: at least one of kind chat is needed")
    for what in ("name", "breaker"):
        check_unique([getattr(one, what) for one in upstreams], "upstreams")
    if not keys and not anonymous:
        raise ConfigError("keys: at least one is needed, or anonymous = true")
    if keys and anonymous:
        raise ConfigError("anonymous: it and keys exclude each other")
    if {k.sha256 for k in keys} & {k.sha256 for k in admin_keys}:
        raise ConfigError("admin_keys: a key cannot be a user's and an admin's")
    return config


def _read_hosts(top: Table) -> tuple[str, ...]:
    value = top.take("hosts") or []
    if not isinstance(value, list):
        raise top.make_error("hosts", "a list of names", value)
    for at, host in enumerate(value):
        if not isinstance(host, str) or not _HOST.fullmatch(host.lower()):
            raise top.make_error(f"hosts[{at}]", 'a name without port such as "llm.lan"', host)
    return tuple(host.lower() for host in value)


def _read_origins(top: Table) -> tuple[str, ...]:
    value = top.take("cors") or []
    if not isinstance(value, list):
        raise top.make_error("cors", "a list of origins", value)
    for at, origin in enumerate(value):
        if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
            raise top.make_error(f"cors[{at}]", 'an origin such as "https://app.example"', origin)
    return tuple(value)


def _read_decisions(top: Table) -> dict[str, QuestionConfig]:
    try:
        return read_question_configs(top.take("decisions"), "decisions")
    except InvalidInputError as error:
        raise ConfigError(str(error)) from None


def _read_policy(table: Table, read_text: ReadText | None) -> PolicyConfig:
    file, path = table.take_text("file"), table.join_path("file")
    policy = PolicyConfig(
        bundle=table.take_text("bundle"),
        file=file,
        certified=read_policy_file(path, file, read_text) if file is not None else None,
        quality=table.take_number("quality", None, 0.0, 1.0),
        confidence_threshold=table.take_number("confidence_threshold", None, 0.0, 1.0),
        max_uncertainty=table.take_number("max_uncertainty", None, 0.0, 1.0),
        sticky=_read_sticky(table),
        idle_s=table.take_number("idle_s", 3600.0, 1.0, 31_536_000.0) or 0.0,
        mode=table.take_choice("mode", MODES),
    )
    table.refuse_rest()
    gate = policy.confidence_threshold is not None or policy.max_uncertainty is not None
    if gate and policy.quality is not None:
        raise ConfigError(f"{table.join_path('quality')}: it and the gate exclude each other")
    if file is not None and (gate or policy.quality is not None):
        raise ConfigError(f"{path}: it excludes quality and the gate")
    return policy


def _read_sticky(table: Table) -> bool | str:
    value = table.take("sticky")
    if value is None:
        return True
    if type(value) is not bool and value != "cost":
        raise table.make_error("sticky", 'true, false or "cost"', value)
    return value if value == "cost" else bool(value)


def _read_traces(table: Table) -> TracesConfig:
    endpoint, prompts = table.take_text("endpoint"), table.take_flag("prompts", False)
    table.refuse_rest()
    if endpoint is not None and not _ENDPOINT.fullmatch(endpoint):
        raise table.make_error("endpoint", "http(s)://host[:port][/path]", endpoint)
    return TracesConfig(endpoint, prompts)


def _read_limits(table: Table) -> Limits:
    least = Limits()
    limits = Limits(
        header_bytes=table.take_int("header_bytes", least.header_bytes, 256, 1 << 20) or 0,
        body_bytes=table.take_int("body_bytes", least.body_bytes, 256, 1 << 28) or 0,
        bodies_bytes=table.take_int("bodies_bytes", least.bodies_bytes, 256, 1 << 40) or 0,
        answer_bytes=table.take_int("answer_bytes", least.answer_bytes, 256, 1 << 28) or 0,
        event_bytes=table.take_int("event_bytes", least.event_bytes, 256, 1 << 28) or 0,
        retry_after_s=table.take_number("retry_after_s", least.retry_after_s, 1.0, 86_400.0) or 0.0,
        connections=table.take_int("connections", least.connections, 1, 100_000) or 0,
        keep_alive_s=table.take_number("keep_alive_s", least.keep_alive_s, 1.0, 3600.0) or 0.0,
        grace_s=table.take_number("grace_s", least.grace_s, 0.0, 3600.0) or 0.0,
        headers_s=table.take_number("headers_s", least.headers_s, 0.01, 3600.0) or 0.0,
        body_s=table.take_number("body_s", least.body_s, 0.01, 3600.0) or 0.0,
        write_s=table.take_number("write_s", least.write_s, 0.01, 3600.0) or 0.0,
        deadline_s=table.take_number("deadline_s", least.deadline_s, 0.01, 3600.0) or 0.0,
        stream_s=table.take_number("stream_s", least.stream_s, 0.01, 86_400.0) or 0.0,
        retries=table.take_int("retries", least.retries, 0, 10) or 0,
        backoff_s=table.take_number("backoff_s", least.backoff_s, 0.0, 60.0) or 0.0,
        conversations=table.take_int("conversations", least.conversations, 0, 1_000_000) or 0,
        candidates=table.take_int("candidates", least.candidates, 0, 10_000) or 0,
        candidate_bytes=table.take_int("candidate_bytes", least.candidate_bytes) or 0,
    )
    table.refuse_rest()
    return limits

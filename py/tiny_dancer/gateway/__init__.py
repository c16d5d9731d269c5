"""An OpenAI-compatible proxy that routes: the core, for every host (docs/gateway.md)."""

from .config.error import ConfigError
from .config.key import Key
from .config.reader import parse_json, parse_toml
from .config.settings import GatewayConfig, Limits, PolicyConfig
from .config.upstream import Upstream
from .gateway import Gateway
from .http.api_error import ApiError
from .http.request import Request
from .http.response import Response
from .upstream.fetch import Answer, Call, Fetch, FetchError

__all__ = [
    "Answer",
    "ApiError",
    "Call",
    "ConfigError",
    "Fetch",
    "FetchError",
    "Gateway",
    "GatewayConfig",
    "Key",
    "Limits",
    "PolicyConfig",
    "Request",
    "Response",
    "Upstream",
    "parse_json",
    "parse_toml",
]

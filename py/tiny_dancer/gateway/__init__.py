"""An OpenAI-compatible proxy that routes: the core, for every host (docs/gateway.md)."""

from .config.reader import from_json, from_toml
from .config.settings import GatewayConfig, Key, Limits, PolicyConfig
from .config.table import ConfigError
from .gateway import Gateway
from .http.api_error import ApiError
from .http.message import Request, Response
from .upstream.fetch import Answer, Call, Fetch, FetchError
from .upstream.upstream import Upstream

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
    "from_json",
    "from_toml",
]

"""An OpenAI-compatible proxy that routes: the core, for every host (docs/gateway.md)."""

from .api_error import ApiError
from .config import GatewayConfig, Key, Limits, PolicyConfig
from .fetching import Answer, Call, Fetch, FetchError
from .gateway import Gateway
from .read_config import from_json, from_toml
from .table import ConfigError
from .upstream import Upstream
from .wire import Request, Response

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

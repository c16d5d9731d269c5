"""What to set so that a client talks to the gateway."""

from collections.abc import Callable
from typing import Final

from ..config.settings import GatewayConfig

KEY: Final = "YOUR-KEY"
"""Stands for a key of the config, which holds none but their hashes."""

NO_KEY: Final = "none"
"""Clients want some key, also where the gateway asks for none."""


def describe_client(client: str, config: GatewayConfig, address: str) -> str:
    """Lines for a shell, or for the client's own config.

    Args:
        client: `claude-code`, `codex` or `openai`.
        config: the gateway's settings.
        address: where it listens.
    """
    return _BY_CLIENT[client](address, NO_KEY if config.anonymous else KEY)


def _for_claude_code(address: str, key: str) -> str:
    return f"""\
Set for Claude Code, in the shell that starts it:
export ANTHROPIC_BASE_URL={address}
export ANTHROPIC_AUTH_TOKEN={key}
export ANTHROPIC_MODEL=auto
export ANTHROPIC_DEFAULT_HAIKU_MODEL=light"""


def _for_codex(address: str, key: str) -> str:
    return f"""\
Set for Codex, in ~/.codex/config.toml:
model = "auto"
model_provider = "tiny-dancer"
[model_providers.tiny-dancer]
name = "Tiny Dancer"
base_url = "{address}/v1"
wire_api = "responses"
env_key = "TINY_DANCER_KEY"
And in the shell that starts it:
export TINY_DANCER_KEY={key}"""


def _for_openai(address: str, key: str) -> str:
    return f"""\
Set for the OpenAI clients, and ask for the model auto:
export OPENAI_BASE_URL={address}/v1
export OPENAI_API_KEY={key}"""


_BY_CLIENT: Final[dict[str, Callable[[str, str], str]]] = {
    "claude-code": _for_claude_code,
    "codex": _for_codex,
    "openai": _for_openai,
}

"""Providers known by name, for a config that is written for its user."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider's API is.

    Attributes:
        base_url: where it begins.
        key_env: environment variable that holds the key by custom; None where it needs none.
        api: the formats it speaks.
    """

    base_url: str
    key_env: str | None
    api: tuple[str, ...] = ("chat",)

    @property
    def is_local(self) -> bool:
        """True where it runs on the same machine and costs nothing by the token."""
        return self.key_env is None


PROVIDERS: Final = {
    "anthropic": Provider(
        "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", ("chat", "messages")
    ),
    "deepseek": Provider("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
    "gemini": Provider("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"),
    "groq": Provider("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "lmstudio": Provider("http://127.0.0.1:1234/v1", None),
    "mistral": Provider("https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    "ollama": Provider("http://127.0.0.1:11434/v1", None),
    "openai": Provider("https://api.openai.com/v1", "OPENAI_API_KEY", ("chat", "responses")),
    "openrouter": Provider("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "vllm": Provider("http://127.0.0.1:8000/v1", None),
}

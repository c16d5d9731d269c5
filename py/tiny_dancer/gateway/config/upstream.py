"""A server the gateway may call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from ...config import Price


@dataclass(frozen=True, slots=True)
class Upstream:
    """One model on one server that speaks the OpenAI API.

    Attributes:
        name: what clients may ask for, and what the responses name.
        base_url: where its API begins, such as `https://api.example.com/v1`.
        model: its own name there.
        serves: the bundle's model that it stands for; None where only its name leads to it.
        kind: `chat` or `embeddings`.
        api: the formats it speaks: of `chat`, `messages`, `responses`.
        key: secret that goes up with each request; never shown.
        auth: how it goes up: `bearer`, `api-key` or `x-api-key`; as the format wants it where
            None.
        headers: sent with each request, names in small letters.
        query: sent with each request, such as Azure's `api-version`.
        price: money for a million tokens; None where it is not known.
        timeout_s: seconds for a whole answer, or to the first piece of a streamed one.
        stall_s: seconds between two pieces of a streamed answer.
        context: tokens of prompt and answer that it takes; None where there is no bound to mind.
        tools: True where it can call tools.
        vision: True where it reads images.
        audio: True where it hears or speaks.
        files: True where it reads files.
        schemas: True where it answers in a form that `response_format` demands.
        choices: True where it gives several choices, as `n` asks for.
        logprobs: True where it tells the log probabilities of tokens.
        effort: reasoning effort that it is asked for with each request, whatever the client
            says; None for what the client says.
        stream_usage: True where it takes `stream_options.include_usage`.
    """

    name: str
    base_url: str
    model: str
    serves: str | None = None
    kind: str = "chat"
    api: tuple[str, ...] = ("chat",)
    key: str | None = field(default=None, repr=False)
    auth: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    price: Price | None = None
    timeout_s: float = 120.0
    stall_s: float = 30.0
    context: int | None = None
    tools: bool = True
    vision: bool = False
    audio: bool = False
    files: bool = False
    schemas: bool = True
    choices: bool = True
    logprobs: bool = True
    effort: str | None = None
    stream_usage: bool = True

    @property
    def breaker(self) -> str:
        """The name its breaker goes by: that of the model it serves, else its own."""
        return self.serves or self.name

    def build_url(self, path: str) -> str:
        """Address of one of its endpoints."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{self.base_url}/{path}{query}"

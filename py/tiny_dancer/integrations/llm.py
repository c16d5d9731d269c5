"""The model `auto` of the command line tool llm: each prompt goes to one of two of its models.

    llm -m auto -o light MODEL -o powerful MODEL "..."

`llm models options set auto light MODEL` keeps an option.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import llm

from ..decisions.figures import describe_figures
from .conversation import decide_any, find_for, open_router

ATTACHMENTS: Final = frozenset(
    f"{kind}/{name}"
    for kind, names in {
        "image": ("png", "jpeg", "webp", "gif"),
        "audio": ("wav", "mpeg"),
        "application": ("pdf",),
    }.items()
    for name in names
)
"""What the model that takes them may still refuse."""


class _Options(llm.Options):
    light: str | None = None
    powerful: str | None = None
    bundle: str | None = None
    policy: str | None = None


class _Auto:
    """What both ways of asking share."""

    model_id = "auto"
    can_stream = True
    supports_schema = True
    supports_tools = True
    attachment_types = ATTACHMENTS
    Options = _Options

    def _ask(self, find: Callable[[str], Any], prompt: Any, stream: bool, response: Any) -> Any:
        """The answer of the model that is chosen, begun; the outer one names it."""
        options = prompt.options
        for name in ("light", "powerful"):
            if getattr(options, name) in (None, self.model_id):
                raise llm.ModelError(
                    f"auto: name a {name} model, with -o {name} MODEL or once and for all with "
                    f"`llm models options set auto {name} MODEL`"
                )
        router = open_router(options.bundle, options.policy)
        decision = decide_any(router, [_to_plain(one) for one in prompt.messages])
        named = {"light": options.light, "powerful": options.powerful}
        chosen = str(find_for(router, decision.model, named))
        response.set_resolved_model(chosen)
        response.response_json = {
            "tiny_dancer": {"model": decision.model, **describe_figures(decision)}
        }
        return find(chosen).prompt(
            messages=prompt.messages,
            system=prompt.system,
            schema=prompt.schema,
            tools=prompt.tools,
            stream=stream,
            hide_reasoning=prompt.hide_reasoning,
        )


class Auto(_Auto, llm.Model):
    """Answers with one of two models."""

    def execute(self, prompt: Any, stream: bool, response: Any, conversation: Any) -> Iterator[Any]:
        """What the chosen model streams."""
        inner = self._ask(llm.get_model, prompt, stream, response)
        yield from inner.stream_events()
        _copy(response, inner, inner.tool_calls(), inner.usage())


class AsyncAuto(_Auto, llm.AsyncModel):
    """The same for callers that await."""

    async def execute(
        self, prompt: Any, stream: bool, response: Any, conversation: Any
    ) -> AsyncIterator[Any]:
        """What the chosen model streams."""
        inner = self._ask(llm.get_async_model, prompt, stream, response)
        async for event in inner.astream_events():
            yield event
        _copy(response, inner, await inner.tool_calls(), await inner.usage())


@llm.hookimpl
def register_models(register: Callable[..., None]) -> None:
    """Called by llm."""
    register(Auto(), AsyncAuto())


def _copy(response: Any, inner: Any, tool_calls: list[Any], usage: Any) -> None:
    """What else the inner answer has: its JSON, tool calls and tokens."""
    response.response_json = {**(inner.response_json or {}), **response.response_json}
    for call in tool_calls:
        response.add_tool_call(call)
    response.set_usage(input=usage.input, output=usage.output, details=usage.details)


def _to_plain(message: Any) -> dict[str, Any]:
    """A message as the decisions' core reads it."""
    parts: list[dict[str, Any]] = []
    for part in message.parts:
        if text := getattr(part, "text", None):
            parts.append({"type": "text", "text": text})
        elif attachment := getattr(part, "attachment", None):
            parts.append({"type": "file", "mediaType": attachment.resolve_type() or ""})
    return {"role": message.role, "content": parts}

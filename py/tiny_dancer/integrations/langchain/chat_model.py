"""Two chat models as one: each conversation goes to the one that its last user turn needs."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Self

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import (
    Runnable,
    RunnableBinding,
    RunnableConfig,
    RunnableWithFallbacks,
)
from langchain_core.runnables.base import RunnableBindingBase
from pydantic import ConfigDict

from ...decisions.figures import describe_figures
from ...router import Router
from ..conversation import decide_any, find_for, open_router
from .messages import to_plain

TRACED = "ls_structured_output_format"
"""What LangChain binds for its traces, and takes off again before it calls a model."""

QUIET: Final = RunnableConfig(callbacks=[])
"""The outer call's callbacks hear of it once."""


class _Call(NamedTuple):
    """One call of the model that was chosen.

    Attributes:
        model: the chat model, or what stands around one, such as its fallbacks.
        kwargs: bound to it, and of the call.
        metadata: the decision, for the answer's `response_metadata`.
    """

    model: Any
    kwargs: dict[str, Any]
    metadata: dict[str, Any]


class RoutedChatModel(BaseChatModel):
    """Answers with `light` or `powerful`; see `routed_chat_model`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    light: Runnable[Any, Any]
    powerful: Runnable[Any, Any]
    bundle: str | None = None
    policy: str | None = None
    router: Router | None = None

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """True where both models are."""
        return True

    @property
    def _llm_type(self) -> str:
        return "tiny-dancer"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"bundle": self.bundle, "policy": self.policy}

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, Any]:
        """The same with tools, which each of the two models writes in its own way."""
        traced = {TRACED: kwargs.pop(TRACED)} if TRACED in kwargs else {}
        bound: Self = self.model_copy(
            update={
                name: _bind_tools(getattr(self, name), tools, kwargs)
                for name in ("light", "powerful")
            }
        )
        return bound.bind(**traced) if traced else bound

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        call = self._choose(messages, kwargs)
        if not isinstance(call.model, BaseChatModel):
            return _mark(_wrap(call.model.invoke(messages, QUIET, **_join(call, stop))), call)
        _wait(call.model)
        return _mark(call.model._generate(messages, stop, run_manager, **call.kwargs), call)

    async def _agenerate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        call = self._choose(messages, kwargs)
        if not isinstance(call.model, BaseChatModel):
            found = await call.model.ainvoke(messages, QUIET, **_join(call, stop))
            return _mark(_wrap(found), call)
        await _await(call.model)
        return _mark(await call.model._agenerate(messages, stop, run_manager, **call.kwargs), call)

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        call = self._choose(messages, kwargs)
        yield _begin(call)
        if not isinstance(call.model, BaseChatModel):
            for message in call.model.stream(messages, QUIET, **_join(call, stop)):
                yield _to_chunk(message)
            return
        _wait(call.model)
        if _can_stream(call.model):
            yield from call.model._stream(messages, stop, run_manager, **call.kwargs)
        else:
            found = call.model._generate(messages, stop, run_manager, **call.kwargs)
            yield _to_chunk(found.generations[0].message)

    async def _astream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        call = self._choose(messages, kwargs)
        yield _begin(call)
        if not isinstance(call.model, BaseChatModel):
            async for message in call.model.astream(messages, QUIET, **_join(call, stop)):
                yield _to_chunk(message)
            return
        await _await(call.model)
        if _can_stream(call.model):
            async for chunk in call.model._astream(messages, stop, run_manager, **call.kwargs):
                yield chunk
        else:
            found = await call.model._agenerate(messages, stop, run_manager, **call.kwargs)
            yield _to_chunk(found.generations[0].message)

    def _choose(self, messages: list[BaseMessage], kwargs: dict[str, Any]) -> _Call:
        router = self.router or open_router(self.bundle, self.policy)
        response = decide_any(router, to_plain(messages))
        named = {"light": self.light, "powerful": self.powerful}
        chosen: Any = find_for(router, response.model, named)
        served_by = "light" if chosen is self.light else "powerful"
        bound: dict[str, Any] = {}
        while isinstance(chosen, RunnableBinding):
            bound = {**chosen.kwargs, **bound}
            chosen = chosen.bound
        return _Call(
            chosen,
            {**bound, **kwargs},
            {"served_by": served_by, "model": response.model, **describe_figures(response)},
        )


def routed_chat_model(
    light: Runnable[Any, Any],
    powerful: Runnable[Any, Any],
    *,
    bundle: str | None = None,
    policy: str | None = None,
    router: Router | None = None,
) -> RoutedChatModel:
    """A chat model that answers with one of the two, by the last user turn of a conversation.

    Streams, calls tools (`bind_tools`) and fills schemas (`with_structured_output`, by tools) as
    they do. The decision is in an answer's `response_metadata["tiny_dancer"]`. A failure is the
    caller's, and `with_fallbacks` is there as ever; breakers hear of none, since a probe of one
    takes a lease.

    Args:
        light: the cheaper one; also with its own retries or fallbacks around it.
        powerful: the better one, which takes what holds images, sounds or files too.
        bundle: its file; the shipped one where left out.
        policy: file of a certified policy.
        router: decides instead of one of these files; it cannot be pickled.
    """
    return RoutedChatModel(
        light=light, powerful=powerful, bundle=bundle, policy=policy, router=router
    )


def _bind_tools(model: Any, tools: Sequence[Any], kwargs: Mapping[str, Any]) -> Runnable[Any, Any]:
    """The model with tools, inside whatever stands around it: retries know of none."""
    bind = lambda inner: _bind_tools(inner, tools, kwargs)  # noqa: E731
    if isinstance(model, RunnableWithFallbacks):
        update = {"runnable": bind(model.runnable), "fallbacks": [*map(bind, model.fallbacks)]}
    elif isinstance(model, RunnableBindingBase):
        update = {"bound": bind(model.bound)}
    else:
        return model.bind_tools(tools, **kwargs)
    return model.model_copy(update=update)


def _join(call: _Call, stop: Any) -> dict[str, Any]:
    return call.kwargs if stop is None else {**call.kwargs, "stop": stop}


def _wrap(message: Any) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])


def _wait(model: BaseChatModel) -> None:
    """For its own rate limiter, which LangChain asks before a model and not in it."""
    if model.rate_limiter is not None:
        model.rate_limiter.acquire(blocking=True)


async def _await(model: BaseChatModel) -> None:
    if model.rate_limiter is not None:
        await model.rate_limiter.aacquire(blocking=True)


def _can_stream(model: BaseChatModel) -> bool:
    ways = ("_stream", "_astream")
    return any(getattr(type(model), way) is not getattr(BaseChatModel, way) for way in ways)


def _mark(result: ChatResult, call: _Call) -> ChatResult:
    """The result with the decision in each message's metadata; the model may keep its own."""
    marked = []
    for generation in result.generations:
        message = generation.message
        metadata = {**message.response_metadata, "tiny_dancer": call.metadata}
        message = message.model_copy(update={"response_metadata": metadata})
        marked.append(generation.model_copy(update={"message": message}))
    return result.model_copy(update={"generations": marked})


def _begin(call: _Call) -> ChatGenerationChunk:
    """An empty chunk that holds the decision."""
    metadata = {"tiny_dancer": call.metadata}
    return ChatGenerationChunk(message=AIMessageChunk(content="", response_metadata=metadata))


def _to_chunk(message: Any) -> ChatGenerationChunk:
    """A chunk as it is, a whole answer as one."""
    if isinstance(message, AIMessageChunk):
        return ChatGenerationChunk(message=message)
    fields = ("content", "additional_kwargs", "response_metadata", "id", "usage_metadata")
    chunk = AIMessageChunk(
        **{name: getattr(message, name) for name in fields},
        tool_calls=message.tool_calls,
    )
    return ChatGenerationChunk(message=chunk)

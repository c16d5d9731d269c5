"""Spans in OpenTelemetry's form, by its GenAI conventions, sent by OTLP over HTTP.

The only file of the gateway that imports OpenTelemetry; it is imported where `traces.endpoint` is
set. Prompts are in no span unless `traces.prompts` is.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from opentelemetry import context, propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode

from ..config.settings import TracesConfig
from ..config.upstream import Upstream
from ..http.request import Request
from ..http.response import Response
from ..routing.headers import PREFIX
from ..upstream.fetch import Answer, Call, Fetch
from ..upstream.usage import Usage

PATH: Final = "/v1/traces"

OPERATIONS: Final = {
    "/v1/chat/completions": "chat",
    "/v1/messages": "chat",
    "/v1/responses": "chat",
    "/v1/completions": "text_completion",
    "/v1/embeddings": "embeddings",
}
"""By path the name of `gen_ai.operation.name`; other paths have no spans."""

NUMBERS: Final = ("confidence", "uncertainty", "cost")
TEXTS: Final = ("decision", "reason", "would", "policy", "decision-id", "served-by", "switched")
"""Headers of a decision that become attributes of the same names, under `tiny_dancer.`."""


class OtelSpans:
    """The `Spans` of OpenTelemetry.

    Args:
        config: where they go, and whether prompts go along.
    """

    def __init__(self, config: TracesConfig) -> None:
        endpoint = (config.endpoint or "").rstrip("/")
        exporter = OTLPSpanExporter(endpoint if endpoint.endswith(PATH) else endpoint + PATH)
        resource = Resource.create({"service.name": "tiny-dancer"})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("tiny_dancer")
        self._has_prompts = config.prompts

    def close(self) -> None:
        """Send what waits. It may take seconds."""
        self._provider.shutdown()

    async def trace(
        self, request: Request, handle: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """The response, with a span around all of it, its stream too."""
        operation = OPERATIONS.get(request.path)
        if operation is None:
            return await handle(request)
        span = self._tracer.start_span(
            operation,
            propagate.extract(request.headers),
            SpanKind.SERVER,
            {"gen_ai.operation.name": operation, "http.route": request.path},
        )
        token = context.attach(trace.set_span_in_context(span))
        try:
            response = await handle(request)
        except BaseException:
            span.set_status(StatusCode.ERROR, "the client left")
            span.end()
            raise
        finally:
            context.detach(token)
        _add_response(span, response)
        if isinstance(response.body, bytes):
            span.end()
            return response
        body = _follow(span, response.body)
        await anext(body)  # it has begun, so that closing it ends the span
        return replace(response, body=body)

    def add_request(self, format_name: str, body: Mapping[str, Any]) -> None:
        """Say what the running span's request asks for."""
        span, model = trace.get_current_span(), body.get("model")
        if isinstance(model, str):
            span.set_attribute("gen_ai.request.model", model[:200])
        span.set_attribute("tiny_dancer.format", format_name)
        for name in ("max_tokens", "temperature", "top_p"):
            if type(value := body.get(name)) in (int, float):
                span.set_attribute(f"gen_ai.request.{name}", value)
        if self._has_prompts:
            asked = next((body[n] for n in ("messages", "input", "prompt") if n in body), None)
            span.set_attribute("gen_ai.input.messages", json.dumps(asked))

    def add_usage(self, upstream: Upstream, usage: Usage | None, cost: float | None) -> None:
        """Say what its answer used and cost."""
        span = trace.get_current_span()
        span.set_attribute("gen_ai.response.model", upstream.model)
        if usage is not None:
            span.set_attribute("gen_ai.usage.input_tokens", usage.tokens_in)
            span.set_attribute("gen_ai.usage.output_tokens", usage.tokens_out)
            span.set_attribute("gen_ai.usage.cache_read.input_tokens", usage.cached_in)
            span.set_attribute("gen_ai.usage.cache_creation.input_tokens", usage.cache_write)
        if cost is not None:
            span.set_attribute("tiny_dancer.cost", cost)

    def trace_fetch(self, fetch: Fetch) -> Fetch:
        """The same with a span around each call, which the upstream can continue."""

        async def traced(call: Call) -> Answer:
            parts = urlsplit(call.url)
            facts: dict[str, str | int] = {
                "http.request.method": "POST",
                "server.address": parts.hostname or "",
            }
            if parts.port is not None:
                facts["server.port"] = parts.port
            span = self._tracer.start_span("POST", None, SpanKind.CLIENT, facts)
            headers = dict(call.headers)
            propagate.inject(headers, trace.set_span_in_context(span))
            try:
                answer = await fetch(replace(call, headers=headers))
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                span.end()
                raise
            span.set_attribute("http.response.status_code", answer.status)
            if answer.status >= 400:
                span.set_attribute("error.type", str(answer.status))
                span.set_status(StatusCode.ERROR)
            return _TracedAnswer(answer, span)

        return traced


class _TracedAnswer:
    """An answer whose span ends with it."""

    def __init__(self, answer: Answer, span: Span) -> None:
        self._answer, self._span = answer, span
        self.status, self.headers = answer.status, answer.headers

    def pieces(self) -> AsyncIterator[bytes]:
        return self._answer.pieces()

    async def aclose(self) -> None:
        try:
            await self._answer.aclose()
        finally:
            self._span.end()


def _add_response(span: Span, response: Response) -> None:
    """What the headers say of the decision."""
    headers = response.headers
    span.set_attribute("http.response.status_code", response.status)
    for name in TEXTS:
        if value := headers.get(PREFIX + name):
            span.set_attribute(f"tiny_dancer.{name.replace('-', '_')}", value)
    for name in NUMBERS:
        if value := headers.get(PREFIX + name):
            span.set_attribute(f"tiny_dancer.{name}", float(value))
    if response.status >= 400:
        span.set_attribute("error.type", str(response.status))
        span.set_status(StatusCode.ERROR)


async def _follow(span: Span, body: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The pieces; what is said while they are made is said of the span."""
    inside = trace.set_span_in_context(span)
    try:
        yield b""
        while True:
            token = context.attach(inside)
            try:
                piece = await anext(body, None)
            finally:
                context.detach(token)
            if piece is None:
                return
            yield piece
    finally:
        token = context.attach(inside)
        try:
            await body.aclose()
        finally:
            context.detach(token)
            span.end()

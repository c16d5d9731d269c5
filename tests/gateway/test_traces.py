"""Spans of the gateway and of a router, as a receiver of OTLP over HTTP gets them."""

import gzip
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from gateway.asking import EASY, chat, told
from patience import PATIENCE_S, WORK_S

from tiny_dancer import Router

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SECRET = "What is the capital of the country of snow?"


class Receiver:
    """Takes spans as a collector does.

    Attributes:
        spans: by name, in the order they came.
    """

    def __init__(self) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest,
        )

        self.spans: list[Any] = []
        self.raw = b""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    data = gzip.decompress(data)
                assert self.path == "/v1/traces"
                outer.raw += data
                for resource in ExportTraceServiceRequest.FromString(data).resource_spans:
                    for scope in resource.scope_spans:
                        outer.spans += scope.spans
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, n: int) -> list[Any]:
        ends = time.monotonic() + PATIENCE_S
        while len(self.spans) < n:
            assert time.monotonic() < ends, [one.name for one in self.spans]
            time.sleep(0.02)
        return self.spans


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    one = Receiver()
    yield one
    one.close()


def attributes(span: Any) -> dict[str, Any]:
    values = {one.key: one.value for one in span.attributes}
    return {name: getattr(value, value.WhichOneof("value")) for name, value in values.items()}


def test_a_request_is_a_span_and_its_call_a_child_that_the_upstream_goes_on_with(
    receiver, running, client, light
):
    gateway = running(traces={"endpoint": receiver.url})
    http = client(gateway)
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    answers = [
        http.post("/v1/chat/completions", json=chat(SECRET, stream=stream), headers=headers)
        for stream in (False, True)
    ]
    assert http.get("/healthz").status_code == 200  # which has no span
    gateway.wait(_flush(gateway))
    spans = receiver.wait_for(4)
    assert len(spans) == 4
    by_id = {one.span_id.hex(): one for one in spans}
    for answer in answers:
        said = told(answer)
        (server,) = (
            one
            for one in spans
            if attributes(one).get("tiny_dancer.decision_id") == said["decision-id"]
        )
        assert (server.trace_id.hex(), server.parent_span_id.hex()) == (TRACE, PARENT)
        facts = attributes(server)
        assert facts["gen_ai.operation.name"] == "chat" and facts["gen_ai.request.model"] == "auto"
        assert facts["gen_ai.response.model"] == "small-1"
        assert (facts["gen_ai.usage.input_tokens"], facts["gen_ai.usage.output_tokens"]) == (10, 4)
        assert facts["tiny_dancer.cost"] == pytest.approx(18e-6)
        for name in ("decision", "reason", "served-by"):
            assert facts[f"tiny_dancer.{name.replace('-', '_')}"] == said[name]
        assert facts["http.response.status_code"] == 200
        assert server.end_time_unix_nano >= server.start_time_unix_nano
    ups = [sent["traceparent"].split("-") for _, sent, _ in light.calls]
    for _, trace_id, span_id, _ in ups:
        assert trace_id == TRACE
        call = by_id[span_id]
        assert attributes(call)["server.address"] == "127.0.0.1"
        assert "gen_ai.operation.name" in attributes(by_id[call.parent_span_id.hex()])
    assert SECRET.encode() not in receiver.raw


async def _flush(gateway: Any) -> None:
    import asyncio

    await asyncio.to_thread(gateway.gateway.spans._provider.force_flush)


def test_prompts_are_in_spans_where_that_is_switched_on(receiver, running, client):
    gateway = running(traces={"endpoint": f"{receiver.url}/v1/traces", "prompts": True})
    client(gateway).post("/v1/chat/completions", json=chat(SECRET))
    gateway.wait(_flush(gateway))
    receiver.wait_for(2)
    assert SECRET.encode() in receiver.raw


def test_a_failed_request_is_a_span_with_an_error(receiver, running, client, powerful):
    gateway = running(traces={"endpoint": receiver.url}, limits={"retries": 0})
    powerful.behaviour = "500"
    answer = client(gateway).post("/v1/chat/completions", json=chat(EASY, model="powerful"))
    assert answer.status_code >= 500
    gateway.wait(_flush(gateway))
    server, call = sorted(receiver.wait_for(2), key=lambda one: one.name == "POST")
    assert server.status.code == call.status.code == 2
    assert attributes(call)["error.type"] == "500"
    assert attributes(server)["error.type"] == str(answer.status_code)


def test_a_routers_decisions_are_spans_without_the_prompt(receiver):
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    from tiny_dancer.integrations.otel import instrument

    provider, router = TracerProvider(), Router()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{receiver.url}/v1/traces")))
    end = instrument(router, provider)
    response = router.route(SECRET)
    end()
    router.route(EASY)
    provider.shutdown()
    (span,) = receiver.wait_for(1)
    facts = attributes(span)
    assert span.name == "tiny_dancer.route"
    assert facts["tiny_dancer.decision"] == response.model
    assert facts["tiny_dancer.confidence"] == response.confidence
    assert facts["tiny_dancer.reason"] == str(response.reason)
    assert SECRET.encode() not in receiver.raw


def test_nothing_of_it_is_imported_where_traces_are_off():
    code = """
import asyncio, sys
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.gateway.server.server import open_gateway
up = {"base_url": "http://127.0.0.1:9/v1", "model": "m"}
rows = [{"name": "a", "serves": "light", **up}, {"name": "b", "serves": "powerful", **up}]
async def run():
    async with open_gateway(read_config({"anonymous": True, "upstreams": rows}, {}.get)) as one:
        assert one.spans is None
asyncio.run(run())
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=WORK_S
    )
    assert done.returncode == 0, done.stderr

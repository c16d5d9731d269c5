"""The samples of logs that the importers are tested with are what the vendors' own types take."""

import json
import subprocess
import sys

import pytest
from log_samples import make_langfuse, make_litellm, make_openai, make_otel
from patience import WORK_S

from tiny_dancer.integrations.logs import open_log

PROMPT = "What is the capital of France?"


def test_litellms_own_type_takes_the_sample():
    types = pytest.importorskip("litellm.proxy._types")
    from pydantic import TypeAdapter

    (row,) = make_litellm(1, PROMPT, "small", 0.5)
    TypeAdapter(types.SpendLogsPayload).validate_python(row)


def test_langfuses_own_types_take_the_samples():
    langfuse = pytest.importorskip("langfuse.api")
    from langfuse.api.commons.types.score import Score_Numeric
    from langfuse.api.core.pydantic_utilities import parse_obj_as

    generation, score = make_langfuse(1, PROMPT, "small", 0.5)
    found = parse_obj_as(langfuse.ObservationV2, generation)
    assert found.trace_id == "trace-1" and found.usage_details["input"] == 10
    assert not set(generation) - set(json.loads(found.model_dump_json()))
    assert parse_obj_as(Score_Numeric, score).observation_id == "call-1"


def test_openais_own_types_take_the_samples():
    chat = pytest.importorskip("openai.types.chat")
    completion, message = make_openai(1, PROMPT, "small", 0.5)
    chat.ChatCompletion.model_validate(completion, strict=True)
    stored = {**message, "role": "assistant", "refusal": None}
    chat.ChatCompletionStoreMessage.model_validate(stored)


def test_opentelemetrys_own_messages_take_the_sample():
    trace = pytest.importorskip("opentelemetry.proto.trace.v1.trace_pb2")
    from google.protobuf.json_format import ParseDict

    (batch,) = make_otel(1, PROMPT, "small", 0.5)
    (span,) = ParseDict(batch, trace.TracesData()).resource_spans[0].scope_spans[0].spans
    assert len(span.attributes) == 8 and span.events[0].name == "gen_ai.evaluation.result"


def test_a_span_that_opentelemetrys_sdk_made_is_read(tmp_path):
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    from google.protobuf.json_format import MessageToDict
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as names

    exporter, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    messages = [{"role": "user", "parts": [{"type": "text", "content": PROMPT}]}]
    attributes = {
        names.GEN_AI_OPERATION_NAME: "chat",
        names.GEN_AI_REQUEST_MODEL: "small",
        names.GEN_AI_USAGE_INPUT_TOKENS: 10,
        names.GEN_AI_INPUT_MESSAGES: json.dumps(messages),
    }
    with provider.get_tracer("x").start_as_current_span("chat small", attributes=attributes) as one:
        mark = {names.GEN_AI_EVALUATION_NAME: "score", names.GEN_AI_EVALUATION_SCORE_VALUE: 0.5}
        one.add_event("gen_ai.evaluation.result", mark)
    batch = MessageToDict(encode_spans(exporter.get_finished_spans()))
    (tmp_path / "spans.jsonl").write_text(json.dumps(batch))
    (entry,) = open_log("otel", [tmp_path / "spans.jsonl"])
    assert (entry.prompt, entry.model, entry.score, entry.tokens_in) == (PROMPT, "small", 0.5, 10)
    assert entry.latency_ms >= 0 and entry.created_at > 1.7e9


MEASURE = """
import resource, sys
from tiny_dancer.integrations.logs import open_log
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
print(sum(1 for _ in open_log(sys.argv[1], [sys.argv[2]])), peak() - before)
"""


@pytest.mark.parametrize(
    ("format_", "make"),
    [("langfuse", make_langfuse), ("otel", make_otel), ("openai", make_openai)],
)
def test_a_log_of_sixty_megabytes_takes_a_few_of_memory(tmp_path, format_, make):
    file = tmp_path / "log.jsonl"
    with file.open("w") as out:
        for n in range(15_000):
            prompt = f"{n} {'word ' * 800}"
            out.writelines(f"{json.dumps(row)}\n" for row in make(n, prompt, "small", 1.0))
    assert file.stat().st_size > 60e6
    command = [sys.executable, "-c", MEASURE, format_, file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WORK_S, check=True)
    rows, megabytes = map(int, done.stdout.split())
    assert rows == 15_000 and megabytes < 30

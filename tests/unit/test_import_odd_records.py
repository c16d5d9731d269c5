"""Records that logs do hold, odd as they are: each is read or counted, and none hides another."""

import csv
import inspect
import json
import re

import pytest
from log_samples import MAKERS, make_langfuse, make_otel, write_attributes

from tiny_dancer.integrations.logs import open_log, spool

EASY, HARD = "What is the capital of France?", "Prove that the series converges."
DEEP = "[" * 100_000 + "]" * 100_000


def read(tmp_path, format_, *rows, name="log.jsonl"):
    file = tmp_path / name
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    log = open_log(format_, [file])
    return list(log), log


def litellm(prompt=EASY, **change):
    (row,) = MAKERS["litellm"](1, prompt, "small", 1.0)
    return {**row, **change}


def test_a_text_nested_without_end_is_a_bad_row_of_its_line(tmp_path):
    found, log = read(tmp_path, "litellm", litellm(messages=DEEP), litellm())
    assert [entry.prompt for entry in found] == [EASY] and log.bad == 1
    assert "line 1: a text of JSON: nested deeper than 128" in log.first_fault


@pytest.mark.parametrize("format_", ["litellm", "langfuse", "openai"])
def test_a_bad_item_of_a_page_hides_no_other(tmp_path, format_):
    rows = MAKERS[format_](1, EASY, "small", 0.5)
    deep = {**MAKERS[format_](2, EASY, "small", 0.5)[0], "messages": DEEP, "input": DEEP}
    odd = [None, {"id": "x"}, deep][: 2 if format_ == "openai" else 3]
    found, log = read(tmp_path, format_, json.dumps({"data": [*odd, *rows]}), name="page.json")
    assert [(entry.prompt, entry.score) for entry in found] == [(EASY, 0.5)]
    assert (log.other, log.bad) == (2, len(odd) - 2)


def test_a_bad_generation_of_a_trace_hides_no_other(tmp_path):
    bad, good = ({**make_langfuse(n, EASY, "small", None)[0]} for n in (1, 2))
    trace = {"id": "t", "observations": [{**bad, "input": DEEP}, good]}
    found, log = read(tmp_path, "langfuse", trace)
    assert [entry.id for entry in found] == [good["id"]] and log.bad == 1


@pytest.mark.parametrize(
    ("name", "mark"), [("toxicity", None), ("score", 0.5)], ids=["another", "ours"]
)
def test_a_score_of_any_name_leaves_its_trace(tmp_path, name, mark):
    (generation,) = make_langfuse(1, EASY, "small", None)
    scores = ["an id", {"name": name, "value": 0.5}]
    trace = {"id": generation["traceId"], "observations": [generation], "scores": scores}
    found, _ = read(tmp_path, "langfuse", trace)
    assert [(entry.id, entry.score) for entry in found] == [(generation["id"], mark)]


def test_the_worst_fault_of_a_trace_is_the_one_that_counts(tmp_path):
    (good,) = make_langfuse(1, EASY, "small", None)
    odd = [{**good, "type": "SPAN"}, {**good, "input": None}, {**good, "input": DEEP}]
    counts = []
    for parts in (odd, odd[:2], odd[:1], odd[::-1]):
        _, log = read(tmp_path, "langfuse", {"id": "t", "observations": parts})
        counts.append((log.bad, log.without_prompt, log.other))
    assert counts == [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 0)]


@pytest.mark.parametrize(
    "prompt",
    [
        "\x1b[32mok\x1b[0m {" * 140 + "why is [0,1) here?",
        "[info] " + "\x1b[0m" * 140 + "why? [end]",
        "[" * 200 + " what is this?",
        "  " + "[" * 100_000,
    ],
    ids=["log", "log that begins with a bracket", "brackets and words", "brackets"],
)
def test_a_prompt_with_brackets_that_never_close_is_no_json(tmp_path, prompt):
    found, log = read(tmp_path, "litellm", litellm(messages=prompt))
    assert [entry.prompt for entry in found] == [prompt] and log.bad == 0


def span_of(batch):
    return batch["resourceSpans"][0]["scopeSpans"][0]["spans"][0]


def test_a_bad_span_of_a_batch_hides_no_other(tmp_path):
    (batch,), (other,) = make_otel(1, EASY, "small", None), make_otel(2, HARD, "small", None)
    bad = {**span_of(batch), "attributes": [*span_of(batch)["attributes"]]}
    bad["attributes"] += write_attributes({"gen_ai.input.messages": DEEP})
    batch["resourceSpans"][0]["scopeSpans"][0]["spans"] = [bad, span_of(other)]
    found, log = read(tmp_path, "otel", batch)
    assert [entry.prompt for entry in found] == [HARD] and log.bad == 1


def to_any(value):
    if isinstance(value, list):
        return {"arrayValue": {"values": [to_any(one) for one in value]}}
    if isinstance(value, dict):
        pairs = [{"key": key, "value": to_any(one)} for key, one in value.items()]
        return {"kvlistValue": {"values": pairs}}
    return {"stringValue": value}


@pytest.mark.parametrize("name", ["log.jsonl", "log.json"])
def test_messages_may_be_structured_values_of_otlp(tmp_path, name):
    (batch,) = make_otel(1, "", "small", None)
    call = {"type": "tool_call", "arguments": {"a": {"b": {"c": "d"}}}}
    messages = [{"role": "user", "parts": [{"type": "text", "content": EASY}, call]}]
    attribute = {"key": "gen_ai.input.messages", "value": to_any(messages)}
    kept = [one for one in span_of(batch)["attributes"] if one["key"] != attribute["key"]]
    span_of(batch)["attributes"] = [*kept, attribute]
    found, log = read(tmp_path, "otel", batch, name=name)
    assert [entry.prompt for entry in found] == [EASY] and log.bad == 0


def test_a_request_with_a_deep_schema_is_read(tmp_path):
    schema: dict = {"type": "string"}
    for _ in range(20):
        schema = {"type": "object", "properties": {"a": schema}}
    request = {"messages": [{"role": "user", "content": EASY}], "tools": [schema]}
    found, log = read(tmp_path, "litellm", litellm(messages={}, proxy_server_request=request))
    assert [entry.prompt for entry in found] == [EASY] and log.bad == 0


def test_a_time_beyond_every_number_is_empty(tmp_path):
    (batch,) = make_otel(1, EASY, "small", None)
    span_of(batch)["startTimeUnixNano"] = "9" * 400
    (entry,), _ = read(tmp_path, "otel", batch)
    assert (entry.created_at, entry.latency_ms) == (None, None)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_a_time_without_a_zone_is_utc_wherever_it_is_read(tmp_path, monkeypatch, zone):
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        (entry,), _ = read(tmp_path, "litellm", litellm(startTime="2026-11-01 10:00:00"))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert entry.created_at == 1793527200.0


def test_a_time_before_1970_is_empty(tmp_path):
    (entry,), _ = read(tmp_path, "litellm", litellm(startTime="1900-01-01T00:00:00Z"))
    assert entry.created_at is None


@pytest.mark.parametrize("format_", ["langfuse", "otel", "openai"])
def test_a_call_that_was_exported_twice_counts_once(tmp_path, format_):
    rows = MAKERS[format_](1, EASY, "small", 0.5)
    found, _ = read(tmp_path, format_, *rows, *rows)
    assert [(entry.prompt, entry.score) for entry in found] == [(EASY, 0.5)]


def test_what_conflicts_is_named_as_sqlite_before_3_35_needs():
    statements = re.findall(r"on conflict.*?do update", inspect.getsource(spool))
    assert statements and all("(" in one for one in statements)


def test_spans_of_two_traces_may_share_an_id(tmp_path):
    (one,), (two,) = make_otel(1, EASY, "small", None), make_otel(2, HARD, "small", None)
    span_of(two)["spanId"] = span_of(one)["spanId"]
    found, _ = read(tmp_path, "otel", one, two)
    assert [entry.prompt for entry in found] == [EASY, HARD]


@pytest.mark.parametrize("format_", ["langfuse", "otel", "openai"])
def test_an_id_that_is_no_text_is_a_bad_row(tmp_path, format_):
    rows = json.dumps(MAKERS[format_](1, EASY, "small", None)[0])
    id_ = json.dumps(
        span_of(json.loads(rows))["spanId"] if format_ == "otel" else json.loads(rows)["id"]
    )
    good = MAKERS[format_](2, HARD, "small", None)
    found, log = read(tmp_path, format_, rows.replace(id_, r'"\ud800"'), *good)
    assert [entry.prompt for entry in found] == [HARD] and log.bad == 1


def test_a_chunk_of_a_stream_is_no_completion(tmp_path):
    whole, *messages = MAKERS["openai"](1, EASY, "small", None)
    chunk = {**whole, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}}]}
    found, log = read(tmp_path, "openai", chunk, chunk, whole, *messages)
    assert len(found) == 1 and log.other == 2


def test_prompts_that_litellm_has_blotted_out_are_none(tmp_path):
    blotted = [{"role": "user", "content": "redacted-by-litellm"}]
    found, log = read(tmp_path, "litellm", litellm(messages=blotted))
    assert found == [] and log.without_prompt == 1


@pytest.mark.parametrize("type_", ["aembedding", "image_generation", "amoderation", "arerank"])
def test_calls_whose_input_is_no_prompt_are_other_records(tmp_path, type_):
    found, log = read(tmp_path, "litellm", litellm(call_type=type_))
    assert found == [] and log.other == 1


@pytest.mark.parametrize("format_", ["litellm", "langfuse"])
def test_a_dump_in_csv_says_what_json_says(tmp_path, format_):
    row = MAKERS[format_](1, EASY, "small", None)[0]
    texts = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in row.items()
        if value is not None
    }
    with open(tmp_path / "dump.csv", "w", newline="") as file:
        table = csv.DictWriter(file, texts)
        table.writeheader()
        table.writerow(texts)
    (whole,), _ = read(tmp_path, format_, row)
    assert list(open_log(format_, [tmp_path / "dump.csv"])) == [whole]
    assert (whole.cost, whole.tokens_in, whole.tokens_out) == (0.25, 10, 20)


@pytest.mark.parametrize("text", ["-1", "1_0", "nan", "inf", "0x1", "", "1 2", "9" * 400, "1e999"])
def test_a_text_that_is_no_such_number_is_empty(tmp_path, text):
    (entry,), _ = read(tmp_path, "litellm", litellm(spend=text, prompt_tokens=text))
    assert (entry.cost, entry.tokens_in) == (None, None)


def test_numbers_are_read_as_csv_has_them(tmp_path):
    row = litellm(
        **{"spend": " 0.25 ", "prompt_tokens": "12.0", "completion_tokens": " 7"},
        **{"startTime": "1700000000", "endTime": " 1700000001.5", "metadata": {"score": " 0.5"}},
    )
    (entry,), _ = read(tmp_path, "litellm", row)
    assert (entry.cost, entry.tokens_in, entry.tokens_out, entry.score) == (0.25, 12, 7, 0.5)
    assert (entry.created_at, entry.latency_ms) == (1_700_000_000.0, 1500.0)


@pytest.mark.parametrize("text", ["12.5", "soon", "1e999", "-12"])
def test_what_is_no_count_and_no_time_is_empty(tmp_path, text):
    (entry,), _ = read(tmp_path, "litellm", litellm(prompt_tokens=text, startTime="soon"))
    assert (entry.tokens_in, entry.created_at) == (None, None)

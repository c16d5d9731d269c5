"""Exports of Langfuse and OTLP traces: what is read, joined, and left out and counted."""

import json

import pytest
from log_samples import MAKERS, STARTED, make_langfuse, make_otel, write_attributes

from tiny_dancer.integrations.logs import Entry, open_log

EASY, HARD = "What is the capital of France?", "Prove that the series converges."


def read(tmp_path, format_, *rows, score="score"):
    file = tmp_path / "log.jsonl"
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    file.write_text("\n".join(lines))
    log = open_log(format_, [file], score)
    return list(log), log


def span_of(batch):
    return batch["resourceSpans"][0]["scopeSpans"][0]["spans"][0]


@pytest.mark.parametrize("format_", MAKERS)
def test_each_log_gives_the_same_call(tmp_path, format_):
    (entry,), log = read(tmp_path, format_, *MAKERS[format_](7, EASY, "small", 0.5))
    whole = Entry(entry.id, EASY, "small", 0.5, 0.25, 1500.0, 10, 20, float(STARTED), "s")
    if format_ == "openai":  # its API tells neither
        whole = Entry(entry.id, EASY, "small", 0.5, None, None, 10, 20, float(STARTED), "s")
    assert entry == whole
    assert (log.bad, log.other, log.without_prompt) == (0, 0, 0)


@pytest.mark.parametrize("format_", MAKERS)
def test_rows_come_in_any_order_and_bad_ones_are_counted(tmp_path, format_):
    rows = [
        *MAKERS[format_](1, EASY, "small", 1.0),
        *MAKERS[format_](2, HARD, "big", None),
        *MAKERS[format_](3, "", "small", None),
    ]
    found, log = read(tmp_path, format_, "{", *reversed(rows), "[1]")
    assert {(entry.prompt, entry.model, entry.score) for entry in found} == {
        (EASY, "small", 1.0),
        (HARD, "big", None),
    }
    assert log.bad == 2 and log.without_prompt == 1 and "line 1" in log.first_fault


def test_langfuses_older_exports_are_traces_with_observations_and_scores(tmp_path):
    generation, score = make_langfuse(1, EASY, "small", 0.5)
    span = {"id": "span", "type": "SPAN", "startTime": generation["startTime"]}
    trace = {"id": "trace-1", "sessionId": "s", "observations": [span, generation]}
    (entry,), log = read(tmp_path, "langfuse", {**trace, "scores": [score]})
    assert (entry.prompt, entry.score, entry.session) == (EASY, 0.5, "s") and log.other == 1


def test_a_page_of_langfuses_api_counts_as_its_items(tmp_path):
    found, _ = read(tmp_path, "langfuse", {"data": make_langfuse(1, EASY, "small", 1), "meta": {}})
    assert [(entry.prompt, entry.score) for entry in found] == [(EASY, 1.0)]


def test_a_score_of_a_trace_counts_where_it_has_one_generation_alone(tmp_path):
    one, score = make_langfuse(1, EASY, "small", 0.5)
    del score["observationId"]
    (entry,), _ = read(tmp_path, "langfuse", one, score)
    assert entry.score == 0.5
    two = {**make_langfuse(2, HARD, "big", None)[0], "traceId": "trace-1"}
    found, _ = read(tmp_path, "langfuse", one, two, score)
    assert [entry.score for entry in found] == [None, None]


def test_scores_of_the_third_version_name_their_subject(tmp_path):
    one, score = make_langfuse(1, EASY, "small", 0.5)
    del score["observationId"], score["traceId"]
    score["subject"] = {"kind": "observation", "id": "call-1", "traceId": "trace-1"}
    (entry,), _ = read(tmp_path, "langfuse", one, score)
    assert entry.score == 0.5


@pytest.mark.parametrize(
    "change", [{"type": "SPAN"}, {"level": "ERROR"}, {"model": None}, {"id": 7}]
)
def test_what_is_no_answered_generation_is_another_record(tmp_path, change):
    found, log = read(tmp_path, "langfuse", {**make_langfuse(1, EASY, "small", None)[0], **change})
    assert found == [] and log.other == 1


def test_scores_of_other_names_and_beyond_their_range_mark_nothing(tmp_path):
    one, score = make_langfuse(1, EASY, "small", 0.5)
    rows = (one, {**score, "name": "other"}, {**score, "value": 5})
    (entry,), log = read(tmp_path, "langfuse", *rows)
    assert entry.score is None and log.other == 2
    (entry,), _ = read(tmp_path, "langfuse", one, {**score, "name": "thumb"}, score="thumb")
    assert entry.score == 0.5


def test_prompts_and_evaluations_come_as_log_records_too(tmp_path):
    (batch,) = make_otel(1, EASY, "small", None)
    span = span_of(batch)
    *span["attributes"], messages = span["attributes"]
    evaluation = {"gen_ai.evaluation.name": "score", "gen_ai.evaluation.score.value": 0.5}
    records = [
        {
            "spanId": span["spanId"],
            "eventName": "gen_ai.evaluation.result",
            "attributes": write_attributes(evaluation),
        },
        {
            "spanId": span["spanId"],
            "eventName": "gen_ai.client.inference.operation.details",
            "attributes": [messages],
        },
    ]
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
    (entry,), _ = read(tmp_path, "otel", logs, batch)
    assert (entry.prompt, entry.score) == (EASY, 0.5)


@pytest.mark.parametrize(
    "change",
    [
        lambda span: span.update(status={"code": 2}),
        lambda span: span.update(attributes=write_attributes({"http.method": "GET"})),
        lambda span: span["attributes"][0].update(value={"stringValue": "execute_tool"}),
        lambda span: span.update(attributes=7, spanId=None),
    ],
    ids=["failed", "another span", "a tool", "malformed"],
)
def test_spans_of_other_things_are_other_records(tmp_path, change):
    (batch,) = make_otel(1, EASY, "small", None)
    change(span_of(batch))
    found, log = read(tmp_path, "otel", batch, {"resourceSpans": [{"scopeSpans": 7}]})
    assert found == [] and log.other == 2

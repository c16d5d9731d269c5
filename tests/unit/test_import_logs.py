"""Logs of LiteLLM and of OpenAI: what is read, and what is left out and counted."""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionStoreMessage
from patience import PATIENCE_S, WORK_S

from tiny_dancer import InvalidInputError
from tiny_dancer.adapt import read_labels
from tiny_dancer.integrations.logs import COLUMNS, Entry, open_log

EASY = "What is the capital of France?"
LITELLM = Path(__file__).parents[2] / "build/decision-clients/venv/bin/python"
"""An environment with LiteLLM, which `python tests/gateway/decision_clients.py` makes."""
VALIDATE = """
import json, sys
from pydantic import TypeAdapter
from litellm.proxy._types import SpendLogsPayload
TypeAdapter(SpendLogsPayload).validate_python(json.load(sys.stdin))
"""
HARD = "Prove that every bounded sequence has a convergent subsequence."
SPEND = {
    "request_id": "chatcmpl-1",
    "call_type": "acompletion",
    "api_key": "hash",
    "spend": 0.25,
    "total_tokens": 30,
    "prompt_tokens": 10,
    "completion_tokens": 20,
    "startTime": "2026-11-01T10:00:00+00:00",
    "endTime": "2026-11-01T10:00:01.500000+00:00",
    "model": "small",
    "metadata": json.dumps({"score": 1, "status": "success"}),
    "messages": [{"role": "system", "content": HARD}, {"role": "user", "content": EASY}],
    "proxy_server_request": "{}",
    "session_id": "s",
    "status": "success",
    "response": "{}",
    "request_tags": "[]",
    "cache_hit": "False",
    **dict.fromkeys(("api_base", "user", "cache_key"), ""),
    **dict.fromkeys(
        (
            *("completionStartTime", "model_id", "model_group", "mcp_namespaced_tool_name"),
            *("agent_id", "team_id", "organization_id", "end_user", "requester_ip_address"),
            *("custom_llm_provider", "request_duration_ms", "litellm_call_id"),
        )
    ),
}
COMPLETION = {
    "id": "chatcmpl-a",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "gpt-small",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Paris.", "refusal": None},
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
    "metadata": {"score": "0.5"},
}
MESSAGES = [
    {"id": "chatcmpl-a-0", "role": "user", "content": HARD, "content_parts": None},
    {"id": "chatcmpl-a-1", "role": "assistant", "content": "Paris.", "content_parts": None},
    {
        "id": "chatcmpl-a-2",
        "role": "user",
        "content": None,
        "content_parts": [{"type": "text", "text": EASY}],
    },
]


def write(file, *rows):
    file.write_text(
        "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)
    )
    return file


def run(folder, *arguments):
    command = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "import"]
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def test_a_row_of_litellm_is_a_call(tmp_path):
    log = open_log("litellm", [write(tmp_path / "a.jsonl", SPEND)])
    assert list(log) == [
        Entry("chatcmpl-1", EASY, "small", 1.0, 0.25, 1500.0, 10, 20, 1793527200.0, "s")
    ]
    assert (log.bad, log.other, log.without_prompt) == (0, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"messages": json.dumps(SPEND["messages"])},
        {"messages": {}, "proxy_server_request": json.dumps({"messages": SPEND["messages"]})},
        {"messages": "{}", "proxy_server_request": json.dumps({"input": EASY})},
        {"messages": EASY},
    ],
)
def test_the_prompt_is_found_where_litellm_keeps_it(tmp_path, change):
    log = open_log("litellm", [write(tmp_path / "a.jsonl", {**SPEND, **change})])
    assert [entry.prompt for entry in log] == [EASY]


def test_what_is_left_out_is_counted_and_the_rest_is_read(tmp_path):
    none = {"messages": "{}", "proxy_server_request": None}
    file = write(
        tmp_path / "a.jsonl",
        *({**SPEND, **none}, {**SPEND, "status": "failure"}, {**SPEND, "model": ""}),
        *("{", "[1]", {**SPEND, "request_id": "last"}),
    )
    log = open_log("litellm", [file])
    assert [entry.id for entry in log] == ["last"]
    assert (log.without_prompt, log.other, log.bad) == (1, 2, 2)
    assert "line 4" in log.first_fault


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"spend": "dear"}, "cost"),
        ({"spend": float("1e20")}, "cost"),
        ({"prompt_tokens": -1}, "tokens_in"),
        ({"completion_tokens": 1.5}, "tokens_out"),
        ({"metadata": "no json"}, "score"),
        ({"metadata": {"score": 2}}, "score"),
        ({"metadata": {"score": "good"}}, "score"),
        ({"startTime": "yesterday"}, "created_at"),
        ({"endTime": None}, "latency_ms"),
        ({"session_id": 7}, "session"),
    ],
)
def test_a_value_that_is_none_is_empty_and_never_guessed(tmp_path, change, name):
    (entry,) = open_log("litellm", [write(tmp_path / "a.jsonl", {**SPEND, **change})])
    assert getattr(entry, name) is None and entry.prompt == EASY


def test_the_sample_is_what_litellm_writes():
    if not LITELLM.exists():
        pytest.skip("no LiteLLM: python tests/gateway/decision_clients.py")
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    done = subprocess.run(
        [LITELLM, "-c", VALIDATE],
        input=json.dumps(SPEND),
        env=environment,
        capture_output=True,
        text=True,
        timeout=WORK_S,
    )
    assert done.returncode == 0, done.stderr


def test_the_samples_are_what_openai_sends():
    ChatCompletion.model_validate(COMPLETION, strict=True)
    for message in MESSAGES:
        ChatCompletionStoreMessage.model_validate({**message, "role": "assistant", "refusal": None})


@pytest.mark.parametrize("order", [1, -1])
def test_completions_and_their_messages_are_joined_in_any_order(tmp_path, order):
    page = {"object": "list", "data": MESSAGES, "first_id": "x", "last_id": "y", "has_more": False}
    files = [write(tmp_path / "c.jsonl", COMPLETION), write(tmp_path / "m.jsonl", page)][::order]
    log = open_log("openai", files)
    assert list(log) == [
        Entry("chatcmpl-a", EASY, "gpt-small", 0.5, None, None, 9, 3, 1_700_000_000.0)
    ]


def test_a_completion_without_messages_is_counted(tmp_path):
    rows = ({"id": "x", "object": "model"}, {"a": 1}, {**MESSAGES[0], "id": "odd"})
    log = open_log("openai", [write(tmp_path / "c.jsonl", COMPLETION, *rows)])
    assert list(log) == [] and (log.without_prompt, log.other) == (1, 3)


def test_an_unknown_format_is_refused():
    with pytest.raises(InvalidInputError, match="one of litellm, langfuse, otel, openai"):
        open_log("odd", [])


def test_a_letter_that_is_none_is_written_all_the_same(tmp_path):
    write(
        tmp_path / "a.jsonl", {**SPEND, "messages": [{"role": "user", "content": "a\ud800b,\nc"}]}
    )
    assert run(tmp_path, "litellm", "a.jsonl", "--out", "b.csv").returncode == 0
    (row,) = csv.DictReader(io.StringIO((tmp_path / "b.csv").read_text()))
    assert row["prompt"] == "a?b,\nc"
    assert run(tmp_path, "litellm", "a.jsonl", "--out", "b.jsonl").returncode == 0
    assert json.loads((tmp_path / "b.jsonl").read_text())["prompt"] == "a?b,\nc"


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_the_command_writes_the_columns(tmp_path, name):
    with gzip.open(tmp_path / "a.json.gz", "wt") as file:
        json.dump([SPEND, {**SPEND, "messages": "{}"}], file)
    done = run(tmp_path, "litellm", "a.json.gz", "--out", name)
    assert done.returncode == 0, done.stderr
    assert "1 rows" in done.stderr and "1 calls without a prompt" in done.stderr
    text = (tmp_path / name).read_text()
    if name.endswith("csv"):
        (row,) = csv.DictReader(text.splitlines())
        assert tuple(row) == COLUMNS and row["prompt"] == EASY and row["cost"] == "0.25"
    else:
        assert tuple(json.loads(text)) == COLUMNS


def test_prompts_that_met_two_models_are_labels(tmp_path):
    def marked(model, prompt, score):
        messages = [{"role": "user", "content": prompt}]
        return {**SPEND, "model": model, "messages": messages, "metadata": {"thumb": score}}

    write(
        tmp_path / "a.jsonl",
        *(marked("small", EASY, True), marked("large", EASY, 1), marked("small", EASY, 0)),
        *(marked("small", HARD, False), marked("large", HARD, 0.5), marked("small", "alone", 1)),
    )
    done = run(tmp_path, "litellm", "a.jsonl", "--labels", "--score", "thumb", "--out", "l.csv")
    assert done.returncode == 0, done.stderr
    labels = read_labels(tmp_path / "l.csv")
    assert labels.models == ("small", "large") and list(labels.prompts) == [EASY, HARD]
    assert [list(row) for row in labels.quality] == [[0.5, 1.0], [0.0, 0.5]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("litellm", "a.jsonl", "--out", "out.txt"), "ends in .csv or .jsonl"),
        (("litellm", "a.jsonl", "--out", "a.jsonl"), "file to read"),
        (("odd", "a.jsonl", "--out", "b.csv"), "one of litellm, langfuse, otel, openai"),
        (("litellm", "nowhere.jsonl", "--out", "b.csv"), "nowhere.jsonl"),
        (("litellm", "a.jsonl", "--labels", "--out", "b.csv"), "there are no labels"),
    ],
)
def test_what_it_cannot_do_is_said_in_one_line(tmp_path, arguments, message):
    write(tmp_path / "a.jsonl", SPEND)
    done = run(tmp_path, *arguments)
    assert done.returncode == 1 and message in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "b.csv").exists()

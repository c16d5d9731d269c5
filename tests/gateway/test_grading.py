"""Marks: what needs no model, and what is read of a judge."""

import asyncio
import json
from pathlib import Path

import pytest

from tiny_dancer.gateway.shadow import check
from tiny_dancer.gateway.shadow.budget import Budget, Day, lower_part
from tiny_dancer.gateway.shadow.check import Marks, are_equal, check_replies, find_fault
from tiny_dancer.gateway.shadow.judge import RUBRIC, build_question, read_marks
from tiny_dancer.gateway.shadow.pair import is_drawn
from tiny_dancer.gateway.shadow.reply import Reply, read_reply, read_streamed_reply
from tiny_dancer.gateway.shadow.schema import Steps, is_valid
from tiny_dancer.history import MemoryStore

LONG = "A long answer that says many things, which no other answer would say in the same way."
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "n": {"$ref": "#/$defs/n"}},
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"n": {"type": "integer", "minimum": 1}},
}
FORM = {"response_format": {"type": "json_schema", "json_schema": {"schema": CITY}}}
TOOLS = {"tools": [{"type": "function", "function": {"name": "look", "parameters": CITY}}]}


@pytest.mark.parametrize(
    ("request_", "reply", "fault"),
    [
        ({}, Reply(" \n"), "empty"),
        ({}, Reply("No.", is_refusal=True), "refusal"),
        ({}, Reply("And then", ending="length"), "cut off"),
        ({}, Reply("Fine.", ending="stop"), None),
        (FORM, Reply("Paris"), "format"),
        (FORM, Reply('{"city": 1}'), "format"),
        (FORM, Reply('{"city": "Paris", "n": 0}'), "format"),
        (FORM, Reply('{"city": "Paris", "more": 0}'), "format"),
        (FORM, Reply('{"city": "Paris", "n": 2}'), None),
        ({"response_format": {"type": "json_object"}}, Reply("[1]"), "format"),
        (TOOLS, Reply(calls=(("look", '{"city": "Paris"}'),)), None),
        (TOOLS, Reply(calls=(("look", '{"town": "Paris"}'),)), "tool call"),
        (TOOLS, Reply(calls=(("see", "{}"),)), "tool call"),
        (TOOLS, Reply(calls=(("look", "{"),)), "tool call"),
        ({**TOOLS, "tool_choice": "required"}, Reply("Paris"), "no tool call"),
        ({**TOOLS, "tool_choice": "auto"}, Reply("Paris"), None),
    ],
)
def test_what_is_wrong_whatever_it_says(request_, reply, fault):
    assert find_fault(request_, reply) == fault


def test_a_light_answer_at_fault_is_the_worst_case_without_a_judge():
    assert check_replies({}, Reply(), Reply(LONG)) == Marks(0.0, 1.0, "check")
    assert check_replies({}, Reply(), Reply()) == Marks(0.0, 0.0, "check")


def test_of_a_powerful_answer_at_fault_the_light_one_has_to_be_marked():
    assert check_replies({}, Reply(LONG), Reply()) == Marks(None, 0.0, "check")


def test_answers_that_both_keep_the_bound_of_the_request_are_for_the_judge():
    cut = Reply("One, two", ending="length"), Reply("Eins, zwei", ending="length")
    assert not check_replies({}, *cut).are_whole


@pytest.mark.parametrize(
    ("one", "other", "is_equal"),
    [
        ("Paris.", "**paris**", True),
        ("Paris", "Lyon", False),
        ('{"a": 1, "b": [2]}', '{"b":[2],"a":1.0}', True),
        (LONG, LONG, False),  # open answers are not told equal by their words
        ("!", "…", False),
    ],
)
def test_closed_answers_are_equal_but_for_case_and_marks(one, other, is_equal):
    assert are_equal(Reply(one), Reply(other)) is is_equal


def test_equal_calls_are_equal_answers():
    one, other = (Reply(calls=(("look", text),)) for text in ('{"a":1,"b":2}', '{"b": 2, "a": 1}'))
    assert are_equal(one, other) and not are_equal(one, Reply("look"))


@pytest.mark.parametrize(
    ("said", "marks"),
    [
        ('{"a": 1, "b": 0.25}', (1.0, 0.25)),
        ('Here: ```json\n{"a": 0.5, "b": 0.5}\n``` done', (0.5, 0.5)),
        ('{"a": 1.5, "b": 0}', None),
        ('{"a": true, "b": 0}', None),
        ('{"a": "1", "b": 0}', None),
        ('{"a": 1}', None),
        ("A is better.", None),
        ('{"a": NaN, "b": 0}', None),
        ("{" * 5000, None),
        ("", None),
    ],
)
def test_marks_are_read_or_there_are_none(said, marks):
    assert read_marks(Reply(said)) == marks


def test_a_judge_sees_request_and_answers_and_is_asked_at_temperature_0():
    request = {"messages": [{"role": "user", "content": "Which city?"}], **FORM}
    asked = build_question(request, Reply("Paris"), Reply(calls=(("look", "{}"),)))
    shown = asked["messages"][1]["content"]
    assert asked["temperature"] == 0 and asked["messages"][0]["content"] == RUBRIC
    for part in ("[user] Which city?", "<answer_a>\nParis", '"tool": "look"', '"required"'):
        assert part in shown


def test_an_image_is_named_and_not_shown():
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": "QUJD"}]
    shown = build_question({"messages": [{"role": "user", "content": parts}]}, Reply(), Reply())
    assert "What is this?" in str(shown) and "QUJD" not in str(shown)


def test_the_rubric_is_that_of_the_docs():
    page = (Path(__file__).parents[2] / "docs/shadow.md").read_text("utf-8")
    quoted = "\n".join(line[4:] for line in page.splitlines() if line.startswith("    "))
    assert " ".join(RUBRIC.split()) in " ".join(quoted.split())


def test_a_stream_says_what_a_whole_answer_says():
    def event(delta, ending="null"):
        return f'data: {{"choices":[{{"index":0,"delta":{delta},"finish_reason":{ending}}}]}}\n\n'

    call = '{"tool_calls":[{"index":0,"function":%s}]}'
    streamed = "".join(
        (
            ": alive\n\n",
            event('{"role":"assistant","content":"Hel"}'),
            event('{"content":"lo"}'),
            event(call % '{"name":"look","arguments":"{\\"a\\""}'),
            event(call % '{"arguments":":1}"}', '"tool_calls"'),
            'data: {"choices":[],"usage":{}}\n\ndata: [DONE]\n\n',
        )
    )
    function = {"name": "look", "arguments": '{"a":1}'}
    message = {"content": "Hello", "tool_calls": [{"function": function}]}
    whole = {"choices": [{"message": message, "finish_reason": "tool_calls"}]}
    assert read_streamed_reply(streamed.encode()) == read_reply(whole)
    assert read_streamed_reply(b"data: [DONE]\n\n") is None


@pytest.mark.parametrize("schema", [True, {}, {"type": "new"}, {"$ref": "#/no"}, {"minimum": "x"}])
def test_a_schema_that_is_not_known_refuses_nothing(schema):
    assert is_valid({"a": [1, None]}, schema)


def test_a_schema_that_points_at_itself_ends():
    assert is_valid([[[[]]]], {"items": {"$ref": "#"}, "anyOf": [{"$ref": "#"}]})


LOOP = {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}
NAMES = ["null"] * 100_000 + ["integer"]


@pytest.mark.parametrize(
    "schema",
    [
        LOOP,
        {"oneOf": LOOP["allOf"]},
        {"items": {"type": NAMES}},
        {"items": {"enum": [*NAMES, 0]}},
    ],
)
def test_a_schema_that_takes_too_much_work_is_not_judged(schema):
    steps = Steps()
    assert is_valid([0] * 10, schema, steps) and steps.left < 0


def test_the_calls_of_an_answer_share_their_steps(monkeypatch):
    made = []
    monkeypatch.setattr(check, "Steps", lambda: made.append(Steps()) or made[-1])
    function = {"name": "look", "parameters": LOOP}
    request = {"tools": [{"type": "function", "function": function}]}
    assert find_fault(request, Reply(calls=(("look", '{"a": 1}'),) * 50)) is None
    assert len(made) == 1 and made[0].left < 0


@pytest.mark.parametrize(
    ("value", "schema", "is_of_it"),
    [
        (1, {"oneOf": [{"type": "integer"}, {"type": "string"}]}, True),
        (1, {"oneOf": [{"type": "integer"}, {"minimum": 0}]}, False),
        (1, {"oneOf": [{"type": "string"}, {"type": "null"}]}, False),
        (1, {"anyOf": [{"type": "integer"}, {"minimum": 0}]}, True),
        ("a", {"oneOf": [{"pattern": "a"}, {"pattern": "b"}]}, True),  # patterns are not read
        ({"x": 1}, {"patternProperties": {"x": {}}, "additionalProperties": False}, True),
        ({}, {"required": [["x"]]}, True),
    ],
)
def test_of_one_of_several_schemas_exactly_one_fits(value, schema, is_of_it):
    assert is_valid(value, schema) is is_of_it


@pytest.mark.parametrize("arguments", ['{"city": "Paris"}', {"city": "Paris"}])
def test_arguments_may_be_json_or_its_value(arguments):
    calls = [{"index": 0, "function": {"name": "look", "arguments": arguments}}]
    whole = {"choices": [{"message": {"tool_calls": calls}}]}
    event = json.dumps({"choices": [{"delta": {"tool_calls": calls}}]})
    for reply in (read_reply(whole), read_streamed_reply(f"data: {event}\n\n".encode())):
        assert find_fault(TOOLS, reply) is None


@pytest.mark.parametrize(
    "call",
    [
        {"index": [0], "function": {"name": "look", "arguments": "{}"}},
        {"index": 0, "function": {"name": ["look"], "arguments": None}},
        {"index": 0, "function": ["look"]},
    ],
)
def test_a_call_of_any_shape_is_read(call):
    event = json.dumps({"choices": [{"delta": {"tool_calls": [call, call]}}]})
    assert read_streamed_reply(f"data: {event}\n\n".encode()) is not None
    assert read_reply({"choices": [{"message": {"tool_calls": [call, call]}}]}) is not None


def test_the_size_of_a_reply_is_in_bytes_with_its_calls():
    assert Reply("é", (("look", '{"a":"é"}'),)).size == 2 + 4 + 10


def test_the_share_is_of_prompts_and_another_key_draws_others():
    prompts = [f"{n:032x}" for n in range(20_000)]
    drawn = {p for p in prompts if is_drawn(b"k" * 32, p, 0.1)}
    others = {p for p in prompts if is_drawn(b"l" * 32, p, 0.1)}
    assert abs(len(drawn) - 2_000) < 4 * 42.5  # 4 standard deviations of binomial(20,000, .1)
    assert abs(len(drawn & others) - 200) < 4 * 14.1
    assert drawn <= {p for p in prompts if is_drawn(b"k" * 32, p, 0.2)}
    assert not any(is_drawn(b"k" * 32, p, 0.0) for p in prompts)


def test_the_share_is_lowered_for_a_day_like_the_last():
    busy = Day("2026-01-01", 1.0, spent=3.0, pairs=30, skipped=30)  # 6.0 were wanted
    assert lower_part(3.0, busy) == pytest.approx(0.5)
    assert lower_part(3.0, Day("2026-01-02", 0.5, spent=3.0, pairs=30)) == pytest.approx(0.5)
    assert lower_part(3.0, Day("2026-01-02", 0.5, spent=1.0, pairs=10)) == 1.0
    assert lower_part(3.0, Day("2026-01-02")) == 1.0


def test_a_pair_that_is_settled_after_midnight_leaves_the_new_day_alone():
    async def settle():
        at = [86_400.0 * 20_000]
        budget = Budget(MemoryStore(), 10.0, lambda: at[0])
        old = await budget.take(4.0)
        at[0] += 86_400
        new = await budget.take(3.0)
        assert (old, new) == ("2024-10-04", "2024-10-05")
        await budget.settle(old, 4.0, 0.5)
        assert budget.day.spent == 3.0
        await budget.settle(new, 3.0, 0.5)
        assert budget.day.spent == 0.5 and budget.day.pairs == 1
        assert await budget.take(9.6) is None

    asyncio.run(settle())

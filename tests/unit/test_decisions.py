"""Which questions are answered, by whatever interface they come, and what they are about."""

import re

import pytest
from random_bundle import random_bundle

from tiny_dancer import InvalidInputError, Router
from tiny_dancer.decisions import (
    ChoiceAnswer,
    PredicateAnswer,
    Question,
    Refusal,
    answer_questions,
    check_models,
    openai,
    read_question_configs,
    read_state,
    system_one,
)
from tiny_dancer.policy import decide

EASY = "What is the capital of France?"
HARD = "Prove that every bounded sequence has a convergent subsequence."
CONFIGS = read_question_configs(
    {
        "tier": {"labels": {"cheap": "light", "dear": "powerful", "true": "light"}},
        "enough": {"predicate": "light"},
    }
)


@pytest.fixture(scope="module")
def router():
    with Router() as router:
        yield router


def answers(router, text, *questions, configs=CONFIGS):
    scored = router.score(text)
    return answer_questions(questions, configs, scored, decide(scored, scored.rule))


@pytest.mark.parametrize(
    ("id_", "labels", "easy", "hard"),
    [
        (None, ("light", "powerful"), "light", "powerful"),
        ("anything", ("powerful", "light"), "light", "powerful"),
        ("tier", ("cheap", "dear"), "cheap", "dear"),
        ("tier", (True, "dear"), True, "dear"),
        ("tier", ("cheap", "powerful"), "cheap", "powerful"),
        ("tier", ("dear",), "dear", "dear"),
    ],
)
def test_a_choice_is_answered_by_its_labels_or_by_its_id(router, id_, labels, easy, hard):
    for text, label in ((EASY, easy), (HARD, hard)):
        (answer,) = answers(router, text, Question("choice", id_, labels))
        assert isinstance(answer, ChoiceAnswer) and answer.choice == label
        assert [name for name, _ in answer.probabilities] == list(labels)
        assert sum(p for _, p in answer.probabilities) == pytest.approx(1)
        assert answer.confidence == dict(answer.probabilities)[answer.choice]


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (Question("choice", "tier", ("cheap", "other")), "'other' stands for no model"),
        (Question("choice", None, ("cheap", "dear")), "'cheap' stands for no model"),
        (Question("choice", "tier", ("cheap", True)), "'cheap' and True stand for the same"),
        (Question("choice", None, (True, False)), "True stands for no model"),
        (Question("choice", None, ()), "needs labels"),
        (Question("predicate", "tier"), "which model"),
        (Question("predicate"), "which model"),
        (Question("score", "enough"), "type score"),
        (Question("box", "enough"), "type box"),
    ],
)
def test_what_it_was_not_trained_for_is_refused(router, question, why):
    (answer,) = answers(router, EASY, question)
    assert isinstance(answer, Refusal) and why in answer.why


def test_a_predicate_says_whether_the_model_is_enough(router):
    for text, is_enough in ((EASY, True), (HARD, False), ("", False)):
        (answer,) = answers(router, text, Question("predicate", "enough"))
        assert isinstance(answer, PredicateAnswer)
        assert (answer.probability >= 0.5) == is_enough
    assert answer.probability == 0.0  # an empty prompt is doubt


def test_of_several_models_those_offered_are_chosen_among(router):
    with Router(model=random_bundle(3, m=3)) as three:
        names = three.bundle.config.models
        for text in (EASY, HARD, "the proof of the theorem"):
            chosen = three.route(text).model
            (answer,) = answers(three, text, Question("choice", None, names), configs={})
            assert answer.choice == chosen
            ends = Question("choice", None, (names[2], names[0]))
            (answer,) = answers(three, text, ends, configs={})
            assert answer.choice in (names[0], names[2])
            assert dict(answer.probabilities)[answer.choice] == answer.confidence
            same = Question("choice", None, ("light", names[0]))
            assert isinstance(answers(three, text, same, configs={})[0], Refusal)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([], "questions: a table"),
        ({"a": 7}, "questions.a: a table"),
        ({"a": {"label": {}}}, "questions.a.label: there are labels and predicate"),
        ({"a": {"labels": {"x": 7}}}, "questions.a.labels.x: a text"),
        ({"a": {"predicate": ""}}, "questions.a.predicate: a text"),
        ({"": {}}, "questions: a text"),
    ],
)
def test_a_malformed_config_is_refused_with_its_path(raw, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        read_question_configs(raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"a": {"labels": {"x": "small"}}}, "questions.a.labels.x: one of mini, large, light, pow"),
        ({"a": {"predicate": "huge"}}, "questions.a.predicate: one of mini"),
        ({"a": {"predicate": "powerful"}}, "questions.a.predicate: powerful is always enough"),
    ],
)
def test_a_config_about_no_model_of_the_bundle_is_refused(raw, message):
    check_models(read_question_configs({"a": {"predicate": "mini"}}), ("mini", "large"))
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        check_models(read_question_configs(raw), ("mini", "large"))


IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}


@pytest.mark.parametrize(
    ("value", "text", "needs"),
    [
        (EASY, EASY, ()),
        ([EASY, "and Spain"], f"{EASY}\nand Spain", ()),
        ([{"type": "text", "text": EASY}], EASY, ()),
        ([{"type": "text", "text": EASY}, {"type": "json", "value": {"a": 1}}], EASY, ()),
        ({"role": "user", "content": EASY}, EASY, ()),
        ([{"role": "system", "content": "Be brief."}, {"role": "user", "content": EASY}], EASY, ()),
        ({"messages": [{"role": "human", "content": EASY}]}, EASY, ()),
        ([{"role": "user", "content": HARD}, {"role": "user", "content": EASY}], EASY, ()),
        ([{"role": "user", "content": EASY}, {"role": "user", "content": "And Spain?"}], None, ()),
        ([{"role": "assistant", "content": EASY}], "", ()),
        ([{"role": "user", "content": [{"type": "input_text", "text": EASY}, IMAGE]}], EASY, "v"),
        ([{"role": "user", "content": EASY}, {"role": "tool", "content": [IMAGE]}], EASY, "v"),
        ([{"role": "assistant", "content": [IMAGE]}, {"role": "user", "content": EASY}], EASY, "v"),
        ([{"type": "media", "mime_type": "audio/wav", "data": "AAAA"}], "", "a"),
        ([{"type": "video_url", "video_url": {"url": "x"}}], "", "v"),
        ([{"type": "text-plain", "text": EASY}], EASY, ()),
        ([{"type": "text-plain", "base64": "AAAA"}], "", "f"),
        ([{"type": "file", "mediaType": "image/png", "data": "AAAA"}], "", "v"),
        ([{"type": "file", "mediaType": "application/pdf", "data": "AAAA"}], "", "f"),
        ([{"type": "file", "mediaType": "audio/wav", "data": "AAAA"}], "", "a"),
        ({"text": EASY, "customer": 7}, f'{{"text":"{EASY}","customer":7}}', ()),
        ([{"type": "input_json", "data": {"a": [1]}}], '{"a":[1]}', ()),
        ([None, 7, [True]], "7\ntrue", ()),
        ([], "", ()),
    ],
)
def test_the_text_of_a_state_is_its_last_user_turn_or_all_of_it(value, text, needs):
    state = read_state(value)
    if text is None:
        text = f"{EASY}\nAnd Spain?"  # a short turn is scored behind the one before it
    if isinstance(value, list) and any("value" in part for part in value if type(part) is dict):
        text += '\n{"a":1}'
    assert state.text == text
    assert {need[0] for need in state.needs} == set(needs)


def of_ai_sdk(*parts):
    return {"type": "tool-result", "toolCallId": "1", "output": {"type": "content", "value": parts}}


PNG = {"data": "AAAA", "mediaType": "image/png"}


@pytest.mark.parametrize(
    "result",
    [
        {"type": "tool_result", "tool_use_id": "1", "content": [IMAGE]},
        {"type": "function_call_output", "call_id": "1", "output": [IMAGE]},
        {"type": "custom_tool_call_output", "call_id": "1", "output": [IMAGE]},
        of_ai_sdk({"type": "text", "text": "a"}, {"type": "media", **PNG}),
        of_ai_sdk({"type": "image-data", **PNG}),
        of_ai_sdk({"type": "file-data", **PNG}),
        of_ai_sdk({"type": "image-url", "url": "x"}),
    ],
    ids=lambda result: result["type"],
)
def test_an_image_in_a_tools_result_is_one_of_the_turn(result):
    asked = {"role": "user", "content": EASY}
    for state in ([asked, result], [asked, {"role": "tool", "content": [result]}], [result]):
        assert read_state(state).needs == {"vision"}
    assert read_state([asked, result]).text == EASY


def test_json_in_a_tools_result_is_no_image():
    output = {"type": "json", "value": {"type": "image", "url": "x"}}
    result = {"type": "tool-result", "toolCallId": "1", "output": output}
    assert not read_state([{"role": "tool", "content": [result]}]).needs


def test_results_inside_one_another_without_end_are_read_to_a_depth():
    result: dict = {"type": "tool_result", "content": [IMAGE]}
    for _ in range(10_000):
        result = {"type": "tool_result", "content": result}
    assert not read_state([{"role": "tool", "content": result}]).needs


@pytest.mark.parametrize("value", [{"a": {1, 2}}, {"a": float}, {1}], ids=["set", "type", "bare"])
def test_a_state_that_is_no_json_is_refused(value):
    with pytest.raises(InvalidInputError, match="state: a text or a value of JSON"):
        read_state(value)


def test_a_state_that_is_nested_too_deeply_is_refused():
    value: list = []
    for _ in range(10_000):
        value = [value]
    with pytest.raises(InvalidInputError, match="state: at most 32"):
        read_state(value)


@pytest.mark.parametrize(
    ("read", "raw", "message"),
    [
        (openai, [], "questions: a list of 1 to 400"),
        (openai, {}, "questions: a list"),
        (openai, [{"type": "predicate"}] * 401, "questions: a list of 1 to 400"),
        (openai, [7], "questions[0]: an object of type"),
        (openai, [{"type": ["choice"]}], "questions[0]: an object of type"),
        (openai, [{"type": "noul"}], "questions[0]: an object of type predicate"),
        (openai, [{"type": "predicate", "name": 7}], "questions[0].name: a text"),
        (
            openai,
            [
                {"type": "predicate"},
                {"type": "predicate", "name": "a"},
                {"type": "score", "name": "a"},
            ],
            "questions[2].name: 'a' is there twice",
        ),
        (openai, [{"type": "choice"}], "questions[0].choices: a list of 2"),
        (openai, [{"type": "choice", "choices": [{"value": "a"}]}], "choices: a list of 2"),
        (openai, [{"type": "choice", "choices": [7, 8]}], "choices[0].value: a text or a bool"),
        (openai, [{"type": "choice", "choices": [{"value": "a"}] * 2}], "[1].value: 'a' is there"),
        (system_one, {}, "questions: an object of 1 to 400"),
        (system_one, [], "questions: an object"),
        (system_one, {"": {"type": "noul"}}, "questions: id: a text"),
        (system_one, {"a": {"type": "predicate"}}, "questions.a: an object of type noul"),
        (system_one, {"a": {"type": "choice", "criteria": []}}, "questions.a.criteria: an object"),
        (system_one, {"a": {"type": "choice", "criteria": {}}}, "questions.a.criteria: an object"),
    ],
)
def test_malformed_questions_are_refused_with_their_path(read, raw, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        read.read_questions(raw)


def test_a_boolean_and_its_text_are_two_choices_of_openai():
    raw = [{"type": "choice", "choices": [{"value": True}, {"value": "true"}]}]
    assert openai.read_questions(raw)[0].labels == (True, "true")

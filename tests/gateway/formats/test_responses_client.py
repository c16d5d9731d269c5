"""OpenAI's own Python client's responses before upstreams that speak chat alone."""

import json

import openai
import pytest
from gateway.asking import EASY
from gateway.formats.chats import call, chunk, piece, stream, whole
from gateway.running import KEY
from patience import PATIENCE_S

from tiny_dancer.gateway.routing.mark import find_mark

TURN = [{"role": "user", "content": EASY}]
TOOLS = [
    {
        "type": "function",
        "name": "weather",
        "description": "Tells the weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        "strict": False,
    }
]
PATCH = {
    "type": "custom",
    "name": "patch",
    "description": "Changes files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"},
}


@pytest.fixture
def ask(scripted, gateway_of):
    """A client of a gateway whose upstreams answer with what is given."""
    opened = []

    def start(answer, **settings):
        upstream = scripted(answer)
        gateway = gateway_of(upstream.url, upstream.url, **settings)
        client = openai.OpenAI(
            base_url=f"{gateway.url}/v1", api_key=KEY, max_retries=0, timeout=PATIENCE_S
        )
        opened.append(client)
        return client.responses, upstream

    yield start
    for one in opened:
        one.close()


def test_a_text(ask):
    responses, upstream = ask(whole(content="Paris."))
    answer = responses.create(
        model="auto",
        instructions="Be brief.",
        input=EASY,
        max_output_tokens=99,
        temperature=0.5,
        metadata={"a": "b"},
    )
    assert answer.output_text == "Paris."
    assert (answer.status, answer.model, answer.metadata) == ("completed", "m-1", {"a": "b"})
    assert (answer.instructions, answer.temperature) == ("Be brief.", 0.5)
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (30, 8)
    assert answer.usage.input_tokens_details.cached_tokens == 20
    assert answer.usage.output_tokens_details.reasoning_tokens == 3
    assert upstream.last.path == "chat/completions"
    assert upstream.last.body == {
        "model": "small-1",
        "messages": [{"role": "system", "content": "Be brief."}, *TURN],
        "max_completion_tokens": 99,
        "temperature": 0.5,
    }


def test_the_whole_answer_is_of_the_clients_types(ask):
    message = {"reasoning": "Hm.", "content": "Let me see.", "tool_calls": [call("a", "f", "{}")]}
    responses, _ = ask(whole("tool_calls", **message))
    answer = responses.create(model="auto", input=EASY)
    again = type(answer).model_validate(json.loads(answer.model_dump_json()))
    assert [item.type for item in again.output] == ["reasoning", "message", "function_call"]
    assert again.output[0].content[0].text == "Hm."


def test_what_was_left_out_is_named(ask):
    responses, _ = ask(whole(content="Paris."))
    raw = responses.with_raw_response.create(
        model="auto",
        input=[*TURN, {"type": "reasoning", "id": "rs_1", "summary": []}],
        metadata={"a": "b"},
        store=True,
        reasoning={"effort": "low"},
        include=["reasoning.encrypted_content"],
        prompt_cache_key="k",
    )
    left_out = set(raw.headers["x-tiny-dancer-dropped"].split(", "))
    assert left_out == {"metadata", "store", "reasoning", "include", "prompt_cache_key"}


def test_parallel_calls_and_their_results(ask):
    calls = [call("a", "weather", '{"city": "Rome"}'), call("b", "weather", '{"city": "Oslo"}')]
    responses, upstream = ask(whole("tool_calls", content="Let me see.", tool_calls=calls))
    answer = responses.create(
        model="auto", input=TURN, tools=TOOLS, tool_choice="required", parallel_tool_calls=True
    )
    assert [item.type for item in answer.output] == ["message", "function_call", "function_call"]
    assert [json.loads(item.arguments)["city"] for item in answer.output[1:]] == ["Rome", "Oslo"]
    sent = upstream.last.body
    assert (sent["tool_choice"], sent["parallel_tool_calls"]) == ("required", True)
    assert sent["tools"][0]["function"] == {n: v for n, v in TOOLS[0].items() if n != "type"}
    image = {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"}
    results = [
        {"type": "function_call_output", "call_id": "a", "output": "sunny"},
        {"type": "function_call_output", "call_id": "b", "output": [image]},
    ]
    echoed = [item.model_dump(exclude_none=True) for item in answer.output]
    responses.create(model="powerful", input=[*TURN, *echoed, *results], tools=TOOLS)
    assert upstream.last.body["messages"][1:] == [
        {"role": "assistant", "content": "Let me see.", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "a", "content": "sunny"},
        {"role": "tool", "tool_call_id": "b", "content": ""},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": image["image_url"], "detail": "low"}}
            ],
        },
    ]


def test_a_custom_tool_is_a_function_of_one_text(ask):
    given = json.dumps({"input": "*** Begin\nfile"})

    def answer(asked):
        if asked.body.get("stream"):
            pieces = [piece(0, id="a", name="patch"), piece(0, given[:9]), piece(0, given[9:])]
            return stream(*pieces, finish="tool_calls")
        return whole("tool_calls", tool_calls=[call("a", "patch", given)])

    responses, upstream = ask(answer)
    for is_streamed in (False, True):
        if is_streamed:
            with responses.stream(model="auto", input=TURN, tools=[PATCH]) as events:
                kinds = [event.type for event in events]
                item = events.get_final_response().output[0]
            assert kinds[2:6] == [
                "response.output_item.added",
                "response.custom_tool_call_input.delta",
                "response.custom_tool_call_input.done",
                "response.output_item.done",
            ]
        else:
            item = responses.create(model="auto", input=TURN, tools=[PATCH]).output[0]
        assert (item.type, item.input) == ("custom_tool_call", "*** Begin\nfile")
        assert item.call_id == "a" + find_mark("small")
    function = upstream.last.body["tools"][0]["function"]
    assert function["parameters"]["required"] == ["input"]
    assert "start: /.+/" in function["description"]
    echoed = [
        item.model_dump(exclude_none=True),
        {"type": "custom_tool_call_output", "call_id": "a", "output": "done"},
    ]
    responses.create(model="auto", input=[*TURN, *echoed], tools=[PATCH])
    assert upstream.last.body["messages"][1]["tool_calls"] == [call("a", "patch", given)]


def test_tools_of_a_namespace_keep_it(ask):
    inner = {n: v for n, v in TOOLS[0].items() if n != "strict"}
    space = {"type": "namespace", "name": "sky", "description": "Of the sky.", "tools": [inner]}
    calls = [call("a", "sky__weather", "{}")]

    def answer(asked):
        pieces = [piece(0, "{}", id="a", name="sky__weather")]
        is_streamed = asked.body.get("stream")
        return stream(*pieces) if is_streamed else whole("tool_calls", tool_calls=calls)

    responses, upstream = ask(answer)
    item = responses.create(model="auto", input=TURN, tools=[space]).output[0]
    with responses.stream(model="auto", input=TURN, tools=[space]) as events:
        streamed = [event for event in events][-1].response.output[0]
    for one in (item, streamed):
        assert (one.type, one.name, one.namespace) == ("function_call", "weather", "sky")
    function = upstream.last.body["tools"][0]["function"]
    assert function["name"] == "sky__weather"
    assert function["description"] == "Of the sky.\nTells the weather."
    echoed = [
        item.model_dump(exclude_none=True),
        {"type": "function_call_output", "call_id": "a", "output": "sunny"},
    ]
    responses.create(model="auto", input=[*TURN, *echoed], tools=[space])
    assert upstream.last.body["messages"][1]["tool_calls"] == calls


@pytest.mark.parametrize(
    ("finish", "message", "status", "why"),
    [
        ("stop", {"content": "a"}, "completed", None),
        ("length", {"content": "a"}, "incomplete", "max_output_tokens"),
        ("content_filter", {"content": "a"}, "incomplete", "content_filter"),
        ("stop", {"refusal": "No."}, "completed", None),
    ],
)
def test_why_it_ends_whole_and_streamed(ask, finish, message, status, why):
    def answer(asked):
        is_streamed = asked.body.get("stream")
        return stream(chunk(**message), finish=finish) if is_streamed else whole(finish, **message)

    responses, _ = ask(answer)
    got = [responses.create(model="auto", input=EASY)]
    got += [list(responses.create(model="auto", input=EASY, stream=True))[-1].response]
    for one in got:
        assert one.status == status
        assert (one.incomplete_details.reason if why else one.incomplete_details) == why
        part = one.output[0].content[0]
        assert (part.refusal if "refusal" in message else part.text) in ("a", "No.")


def test_a_streamed_answer_by_the_clients_accumulator(ask):
    chunks = [
        chunk(reasoning_content="Hm"),
        chunk(reasoning_content="m."),
        chunk(content="Let me "),
        chunk(content="see."),
        piece(0, id="a", name="weather"),
        piece(0, '{"city": "Ro'),
        piece(1, id="b", name="weather"),
        piece(1, '{"city": '),
        piece(0, 'me"}'),
        piece(1, '"Oslo"}'),
    ]
    responses, _ = ask(stream(*chunks, finish="tool_calls"))
    with responses.stream(model="auto", input=TURN, tools=TOOLS) as events:
        told = list(events)
        answer = events.get_final_response()
    assert [event.sequence_number for event in told] == list(range(len(told)))
    kinds = [event.type.removeprefix("response.") for event in told]
    assert [a for a, b in zip(kinds, [*kinds[1:], ""], strict=True) if a != b] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "reasoning_text.delta",
        "reasoning_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]
    assert [item.type for item in answer.output] == [
        "reasoning",
        "message",
        "function_call",
        "function_call",
    ]
    assert answer.output_text == "Let me see."
    given = [json.loads(item.arguments) for item in answer.output[2:]]
    assert given == [{"city": "Rome"}, {"city": "Oslo"}]
    assert answer.usage.total_tokens == 38


def test_structured_output(ask):
    pydantic = pytest.importorskip("pydantic")

    class City(pydantic.BaseModel):
        name: str

    responses, upstream = ask(whole(content='{"name": "Paris"}'))
    answer = responses.parse(model="auto", input=EASY, text_format=City)
    assert answer.output_parsed == City(name="Paris")
    form = upstream.last.body["response_format"]["json_schema"]
    assert (form["name"], form["strict"]) == ("City", True)
    assert form["schema"]["required"] == ["name"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
        ({"extra_body": {"brand_new": 1}}, "brand_new"),
        ({"input": [{"type": "item_reference", "id": "m"}]}, "input[0].type"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]},
            "input[0].content[0].file_id",
        ),
    ],
)
def test_what_has_no_place_in_a_chat_is_refused_by_name(ask, more, field):
    responses, upstream = ask(whole(content="Paris."))
    with pytest.raises(openai.BadRequestError) as caught:
        responses.create(**{"model": "auto", "input": EASY, **more})
    assert caught.value.param == field
    assert caught.value.body["message"].startswith(f"{field}: ")
    assert not upstream.asked


def test_an_error_in_a_stream_is_raised(ask):
    responses, _ = ask([chunk(content="Par"), {"error": {"message": "overloaded"}}])
    words = []
    with pytest.raises(openai.APIError, match="overloaded"):
        for event in responses.create(model="light", input=EASY, stream=True):
            words += [event.delta] if event.type == "response.output_text.delta" else []
    assert words == ["Par"]

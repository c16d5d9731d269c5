"""Anthropic's own Python client before upstreams that speak chat alone."""

import json

import pytest
from gateway.asking import EASY
from gateway.formats.chats import call, chunk, piece, stream, whole
from gateway.running import KEY
from patience import PATIENCE_S

anthropic = pytest.importorskip("anthropic")

TURN = [{"role": "user", "content": EASY}]
TOOLS = [
    {
        "name": "weather",
        "description": "Tells the weather.",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
        "cache_control": {"type": "ephemeral"},
    }
]
PNG = {"type": "base64", "media_type": "image/png", "data": "AAAA"}


@pytest.fixture
def ask(scripted, gateway_of):
    """A client of a gateway whose upstreams answer with what is given."""
    opened = []

    def start(answer, **settings):
        upstream = scripted(answer)
        gateway = gateway_of(upstream.url, upstream.url, **settings)
        client = anthropic.Anthropic(
            base_url=gateway.url, api_key=KEY, max_retries=0, timeout=PATIENCE_S
        )
        opened.append(client)
        return client.messages, upstream

    yield start
    for one in opened:
        one.close()


def test_a_text(ask):
    messages, upstream = ask(whole(content="Paris."))
    answer = messages.create(
        model="auto",
        max_tokens=99,
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        messages=TURN,
        stop_sequences=["\n"],
        extra_body={"temperature": 0.5},
        metadata={"user_id": "u"},
    )
    assert answer.content[0].text == "Paris."
    assert (answer.role, answer.stop_reason, answer.model) == ("assistant", "end_turn", "m-1")
    assert (answer.usage.input_tokens, answer.usage.cache_read_input_tokens) == (10, 20)
    assert answer.usage.output_tokens == 8
    assert upstream.last.path == "chat/completions"
    assert upstream.last.body == {
        "model": "small-1",
        "messages": [{"role": "system", "content": "Be brief."}, *TURN],
        "max_completion_tokens": 99,
        "stop": ["\n"],
        "temperature": 0.5,
    }


def test_what_was_left_out_is_named(ask):
    messages, _ = ask(whole(content="Paris."))
    raw = messages.with_raw_response.create(
        model="auto",
        max_tokens=9999,
        messages=TURN,
        metadata={"user_id": "u"},
        thinking={"type": "enabled", "budget_tokens": 2000},
        tools=TOOLS,
        extra_headers={"anthropic-beta": "some-2026-01-01"},
    )
    assert (
        raw.headers["x-tiny-dancer-dropped"] == "metadata, thinking, cache_control, anthropic-beta"
    )
    assert raw.headers["x-tiny-dancer-decision"] == "light"


def test_parallel_calls_and_their_results(ask):
    calls = [call("a", "weather", '{"city": "Rome"}'), call("b", "weather", '{"city": "Oslo"}')]
    messages, upstream = ask(whole("tool_calls", content="Let me see.", tool_calls=calls))
    answer = messages.create(
        model="auto", max_tokens=99, messages=TURN, tools=TOOLS, tool_choice={"type": "any"}
    )
    assert [block.type for block in answer.content] == ["text", "tool_use", "tool_use"]
    assert [block.input["city"] for block in answer.content[1:]] == ["Rome", "Oslo"]
    assert answer.stop_reason == "tool_use"
    sent = upstream.last.body
    assert sent["tool_choice"] == "required"
    assert sent["tools"][0]["function"]["parameters"] == TOOLS[0]["input_schema"]
    results = [
        {"type": "tool_result", "tool_use_id": "a", "content": "sunny"},
        {
            "type": "tool_result",
            "tool_use_id": "b",
            "is_error": True,
            "content": [{"type": "text", "text": "no such city"}, {"type": "image", "source": PNG}],
        },
        {"type": "text", "text": "Go on."},
    ]
    turns = [*TURN, {"role": "assistant", "content": answer.content}]
    turns.append({"role": "user", "content": results})
    messages.create(
        model="powerful",
        max_tokens=99,
        messages=turns,
        tools=TOOLS,
        tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    )
    sent = upstream.last.body
    assert sent["parallel_tool_calls"] is False
    assert sent["messages"][1:4] == [
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [
                call("a", "weather", '{"city":"Rome"}'),
                call("b", "weather", '{"city":"Oslo"}'),
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "sunny"},
        {"role": "tool", "tool_call_id": "b", "content": "Error: no such city"},
    ]
    assert sent["messages"][4]["content"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "text", "text": "Go on."},
    ]


def test_images_and_documents(ask):
    messages, upstream = ask(whole(content="Seen."), powerful={"files": True})
    pdf = {"type": "base64", "media_type": "application/pdf", "data": "BBBB"}
    text = {"type": "text", "media_type": "text/plain", "data": "A long story."}
    content = [
        {"type": "image", "source": {"type": "url", "url": "https://a.example/b.png"}},
        {"type": "document", "source": pdf, "title": "report.pdf"},
        {"type": "document", "source": text, "title": "Story"},
    ]
    raw = messages.with_raw_response.create(
        model="auto", max_tokens=9, messages=[{"role": "user", "content": content}]
    )
    assert raw.headers["x-tiny-dancer-reason"] in ("capability", "empty_prompt", "above_threshold")
    assert upstream.last.body["model"] == "big-1"
    assert upstream.last.body["messages"][0]["content"] == [
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        {
            "type": "file",
            "file": {"filename": "report.pdf", "file_data": "data:application/pdf;base64,BBBB"},
        },
        {"type": "text", "text": "Story"},
        {"type": "text", "text": "A long story."},
    ]


@pytest.mark.parametrize(
    ("finish", "message", "reason"),
    [
        ("stop", {"content": "a"}, "end_turn"),
        ("length", {"content": "a"}, "max_tokens"),
        ("content_filter", {"content": "a"}, "refusal"),
        ("stop", {"refusal": "No."}, "refusal"),
        ("stop", {"tool_calls": [call("a", "weather", "")]}, "tool_use"),
        ("length", {"tool_calls": [call("a", "weather", '{"ci')]}, "max_tokens"),
    ],
)
def test_why_it_ends_whole_and_streamed(ask, finish, message, reason):
    pieces = {n: v for n, v in message.items() if n != "tool_calls"}
    chunks = [chunk(**pieces)] if pieces else []
    for one in message.get("tool_calls", ()):
        chunks.append(piece(0, one["function"]["arguments"], id="a", name="weather"))

    def answer(asked):
        whole_one = whole(finish, **message)
        return stream(*chunks, finish=finish) if asked.body.get("stream") else whole_one

    messages, _ = ask(answer)
    assert messages.create(model="auto", max_tokens=9, messages=TURN).stop_reason == reason
    with messages.stream(model="auto", max_tokens=9, messages=TURN) as events:
        assert events.get_final_message().stop_reason == reason


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
    messages, upstream = ask(stream(*chunks, finish="tool_calls"))
    with messages.stream(
        model="auto",
        max_tokens=5000,
        messages=TURN,
        tools=TOOLS,
        thinking={"type": "enabled", "budget_tokens": 2000},
    ) as events:
        kinds = [event.type for event in events]
        answer = events.get_final_message()
    assert upstream.last.body["stream_options"] == {"include_usage": True}
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    plain = [kind for kind in kinds if kind.startswith(("message", "content"))]
    without_repeats = [a for a, b in zip(plain, [*plain[1:], ""], strict=True) if a != b]
    assert without_repeats == ["message_start", *block * 4, "message_delta", "message_stop"]
    assert [one.type for one in answer.content] == ["thinking", "text", "tool_use", "tool_use"]
    assert (answer.content[0].thinking, answer.content[0].signature) == ("Hmm.", "")
    assert answer.content[1].text == "Let me see."
    assert [one.input for one in answer.content[2:]] == [{"city": "Rome"}, {"city": "Oslo"}]
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (10, 8)
    assert answer.stop_reason == "tool_use"


def test_thinking_is_told_to_those_alone_who_asked(ask):
    messages, _ = ask(whole(content="Paris.", reasoning="Hm."))
    plain = messages.create(model="auto", max_tokens=9, messages=TURN)
    asked = messages.create(
        model="auto", max_tokens=9, messages=TURN, thinking={"type": "adaptive"}
    )
    assert [one.type for one in plain.content] == ["text"]
    assert [one.type for one in asked.content] == ["thinking", "text"]


def test_a_stream_that_ends_without_its_last_event_is_whole(ask):
    messages, _ = ask(stream(chunk(content="Paris."), done=False))
    with messages.stream(model="auto", max_tokens=9, messages=TURN) as events:
        assert events.get_final_text() == "Paris."


def test_structured_output(ask):
    pydantic = pytest.importorskip("pydantic")

    class City(pydantic.BaseModel):
        name: str

    messages, upstream = ask(whole(content=json.dumps({"name": "Paris"})))
    answer = messages.parse(model="auto", max_tokens=9, messages=TURN, output_format=City)
    assert answer.parsed_output == City(name="Paris")
    form = upstream.last.body["response_format"]
    assert form["type"] == "json_schema" and form["json_schema"]["strict"] is True
    assert form["json_schema"]["schema"]["required"] == ["name"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0].type"),
        ({"extra_body": {"container": "c"}}, "container"),
        ({"extra_body": {"mcp_servers": [{"type": "url"}]}}, "mcp_servers"),
        ({"extra_body": {"brand_new": 1}}, "brand_new"),
        (
            {"messages": [{"role": "user", "content": [{"type": "search_result"}]}]},
            "messages[0].content[0].type",
        ),
    ],
)
def test_what_has_no_place_in_a_chat_is_refused_by_name(ask, more, field):
    messages, upstream = ask(whole(content="Paris."))
    with pytest.raises(anthropic.BadRequestError) as caught:
        messages.create(**{"model": "auto", "max_tokens": 9, "messages": TURN, **more})
    assert caught.value.body["error"]["type"] == "invalid_request_error"
    assert caught.value.body["error"]["message"].startswith(f"{field}: ")
    assert not upstream.asked


@pytest.mark.parametrize("header", ["x-api-key", "authorization"])
def test_keys_of_both_kinds_of_header(scripted, gateway_of, header):
    upstream = scripted(whole(content="Paris."))
    url = gateway_of(upstream.url, upstream.url).url
    given = {"api_key": KEY} if header == "x-api-key" else {"auth_token": KEY, "api_key": None}
    with anthropic.Anthropic(base_url=url, **given) as client:
        answer = client.messages.create(model="auto", max_tokens=9, messages=TURN)
    assert answer.content[0].text == "Paris."
    wrong = {name: "wrong" if value else None for name, value in given.items()}
    refused = pytest.raises(anthropic.AuthenticationError)
    with anthropic.Anthropic(base_url=url, **wrong) as client, refused as caught:
        client.messages.create(model="auto", max_tokens=9, messages=TURN)
    assert caught.value.body["error"]["type"] == "authentication_error"


def test_the_list_of_models_in_the_form_of_each_api(scripted, gateway_of):
    upstream = scripted(whole(content="Paris."))
    url = gateway_of(upstream.url, upstream.url).url
    with anthropic.Anthropic(base_url=url, api_key=KEY, max_retries=0) as client:
        names = [model.id for model in client.models.list()]
        assert names == ["auto", "light", "powerful", "small", "big", "vectors"]
        assert client.models.retrieve("light").display_name == "light"
        with pytest.raises(anthropic.NotFoundError) as caught:
            client.models.retrieve("nobody")
    assert caught.value.body["error"]["type"] == "not_found_error"

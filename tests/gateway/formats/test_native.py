"""Upstreams that speak a format themselves get it as it is, and their answers come as they are."""

import json

import httpx
import openai
import pytest
from gateway.asking import EASY, HARD
from gateway.formats.chats import whole
from gateway.running import KEY
from patience import PATIENCE_S

from tiny_dancer.gateway.routing.mark import find_mark

anthropic = pytest.importorskip("anthropic")

TURN = {"role": "user", "content": EASY}
HEADERS = {"x-api-key": KEY, "anthropic-version": "2023-06-01", "anthropic-beta": "new-2026-01-01"}
USAGE = {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 4}
THINKING = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
TOOL_USE = {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "noon"}
BOTH = {"api": ["chat", "messages", "responses"]}


def message(*content, **more):
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "n-1"}
    end = {"stop_reason": "end_turn", "stop_sequence": None, "usage": USAGE}
    return {**head, "content": list(content), **end, **more}


def message_events(*blocks):
    """Events of these blocks, each with its deltas."""
    usage = {**USAGE, "output_tokens": 1}
    events = [{"type": "message_start", "message": message(stop_reason=None, usage=usage)}]
    events.append({"type": "ping"})
    for index, (start, *deltas) in enumerate(blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        for delta in deltas:
            events.append({"type": "content_block_delta", "index": index, "delta": delta})
        events.append({"type": "content_block_stop", "index": index})
    delta = {"stop_reason": "end_turn", "stop_sequence": None}
    events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 4}})
    return [*events, {"type": "message_stop"}]


def response(*output, status="completed"):
    usage = {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 4,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 14,
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 7,
        "status": status,
        "error": None,
        "model": "n-1",
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": usage,
        "brand_new": [1],
    }


SAID = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Paris.", "annotations": [], "logprobs": []}],
}
REASONED = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "ZW5j"}


def response_events(*items):
    """Events of these items, without their parts."""
    events = [{"type": "response.created", "response": response(status="in_progress")}]
    for index, item in enumerate(items):
        for what in ("added", "done"):
            kind = f"response.output_item.{what}"
            events.append({"type": kind, "output_index": index, "item": item})
    events.append({"type": "response.completed", "response": response(*items)})
    return [{**event, "sequence_number": n} for n, event in enumerate(events)]


@pytest.fixture
def post(scripted, gateway_of):
    """Sends a body to a path of a gateway whose light upstream is native."""

    def start(answer, path, body, api=BOTH, **settings):
        upstream = scripted(answer)
        gateway = gateway_of(upstream.url, upstream.url, light=api, powerful=api, **settings)
        url = f"{gateway.url}/v1/{path}"
        got = httpx.post(url, json=body, headers=HEADERS, timeout=PATIENCE_S, trust_env=False)
        return got, upstream.asked[-1] if upstream.asked else None, gateway

    return start


def test_a_request_keeps_every_field_and_an_answer_every_byte(post):
    body = {
        "model": "auto",
        "max_tokens": 9,
        "messages": [TURN],
        "brand_new": {"a": [1, 2.5, None]},
        "tools": [{"type": "web_search_20250305", "name": "web_search"}],
        "metadata": {"user_id": "u"},
    }
    answer = message({"type": "brand_new", "x": 1}, brand_new=[1])
    got, asked, gateway = post(answer, "messages", body)
    assert got.content == json.dumps(answer).encode()
    assert asked.path == "messages"
    assert asked.body == {**body, "model": "small-1"}
    assert asked.headers["anthropic-version"] == "2023-06-01"
    assert asked.headers["anthropic-beta"] == "new-2026-01-01"
    assert "x-api-key" not in asked.headers  # the client's key is not the upstream's
    assert "x-tiny-dancer-dropped" not in got.headers
    assert got.headers["x-tiny-dancer-cost"] == "2.3e-05"  # (15 * 1 + 4 * 2) / 1e6
    assert len(gateway.decisions()) == 1


@pytest.mark.parametrize(
    ("path", "body", "name", "value"),
    [
        ("messages", {"messages": [TURN], "max_tokens": 9}, "x-api-key", "sk-up"),
        ("responses", {"input": EASY}, "authorization", "Bearer sk-up"),
    ],
)
def test_the_upstreams_key_goes_up_as_the_format_wants_it(post, path, body, name, value):
    answer = message() if path == "messages" else response(SAID)
    api = {**BOTH, "key_env": "K"}
    _, asked, _ = post(answer, path, {"model": "auto", **body}, api, secret={"K": "sk-up"})
    assert asked.headers[name] == value
    _, asked, _ = post(
        answer, path, {"model": "auto", **body}, {**api, "auth": "api-key"}, secret={"K": "sk-up"}
    )
    assert asked.headers["api-key"] == "sk-up"


def test_a_streamed_message_comes_event_by_event(post):
    text = [{"type": "text", "text": ""}, {"type": "text_delta", "text": "Pa"}]
    new = [{"type": "brand_new"}, {"type": "brand_new_delta", "x": 1}]
    events = message_events(text, new)
    body = {"model": "auto", "max_tokens": 9, "stream": True, "messages": [TURN]}
    got, _, gateway = post(events, "messages", body)
    want = [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events]
    assert got.text == "".join(want)
    assert gateway.stats()["cost"] == pytest.approx(23e-6)


def test_the_clients_accumulator_takes_a_native_stream(scripted, gateway_of):
    thought = [
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": "Hm."},
        {"type": "signature_delta", "signature": "c2ln"},
    ]
    use = [TOOL_USE, {"type": "input_json_delta", "partial_json": '{"zone": "UTC"}'}]
    upstream = scripted(message_events(thought, use))
    gateway = gateway_of(upstream.url, upstream.url, light=BOTH)
    with anthropic.Anthropic(base_url=gateway.url, api_key=KEY, max_retries=0) as client:
        ask = {"model": "light", "max_tokens": 9, "messages": [TURN]}
        with client.messages.stream(**ask) as events:
            answer = events.get_final_message()
    assert answer.content[0].signature == "c2ln" + find_mark("small")
    assert answer.content[1].input == {"zone": "UTC"}


def test_signed_thinking_goes_back_to_its_maker_as_it_was(scripted, gateway_of):
    upstream, other = scripted(message(THINKING, TOOL_USE)), scripted(message())
    gateway = gateway_of(upstream.url, other.url, light=BOTH, powerful=BOTH)
    url, http = (
        f"{gateway.url}/v1/messages",
        httpx.Client(headers=HEADERS, trust_env=False, timeout=PATIENCE_S),
    )
    with http:
        first = http.post(url, json={"model": "light", "messages": [TURN]}).json()
        assert first["content"][0]["signature"] == "c2ln" + find_mark("small")
        thought = {"role": "assistant", "content": first["content"]}
        loop = [TURN, thought, {"role": "user", "content": [RESULT]}]
        # within the loop the maker alone is asked, whatever the model's name would choose
        http.post(url, json={"model": "auto", "messages": loop}).raise_for_status()
        assert upstream.last.body["messages"][1]["content"] == [THINKING, TOOL_USE]
        refused = http.post(url, json={"model": "powerful", "messages": loop})
        assert refused.status_code == 400 and "reasoning that another" in refused.text
        assert not other.asked
        # once the turn is over it is left out elsewhere, and named
        over = [*loop, {"role": "assistant", "content": "Noon."}, {"role": "user", "content": HARD}]
        got = http.post(url, json={"model": "powerful", "messages": over})
        assert got.headers["x-tiny-dancer-dropped"] == "thinking"
        assert other.last.body["messages"][1]["content"] == [TOOL_USE]
        got = http.post(url, json={"model": "light", "messages": over})
        assert "x-tiny-dancer-dropped" not in got.headers
        assert upstream.last.body["messages"][1]["content"] == [THINKING, TOOL_USE]


def test_signed_thinking_is_left_out_of_a_chat(scripted, gateway_of):
    upstream, other = scripted(message(THINKING, TOOL_USE)), scripted(whole(content="Noon."))
    gateway = gateway_of(upstream.url, other.url, light=BOTH)
    thought = {**THINKING, "signature": "c2ln" + find_mark("small")}
    over = [TURN, {"role": "assistant", "content": [thought, {"type": "text", "text": "Noon."}]}]
    over.append({"role": "user", "content": HARD})
    body = {"model": "powerful", "max_tokens": 9, "messages": over}
    got = httpx.post(
        f"{gateway.url}/v1/messages",
        json=body,
        headers=HEADERS,
        trust_env=False,
        timeout=PATIENCE_S,
    )
    assert got.json()["content"][0]["text"] == "Noon."
    assert other.last.body["messages"][1] == {"role": "assistant", "content": "Noon."}
    assert got.headers["x-tiny-dancer-dropped"] == "thinking, anthropic-beta"


def test_reasoning_and_kept_answers_go_back_to_their_maker(scripted, gateway_of):
    upstream, other = scripted(response(REASONED, SAID)), scripted(response(SAID))
    gateway = gateway_of(upstream.url, other.url, light=BOTH, powerful=BOTH)
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=KEY, max_retries=0) as client:
        create = client.responses.create
        first = create(model="light", input=EASY)
        mark = find_mark("small")
        assert (first.id, first.output[0].id) == ("resp_1" + mark, "rs_1" + mark)
        create(model="auto", input=HARD, previous_response_id=first.id)
        assert upstream.last.body["previous_response_id"] == "resp_1"
        with pytest.raises(openai.BadRequestError, match="state that another upstream keeps"):
            create(model="powerful", input=HARD, previous_response_id=first.id)
        echoed = [one.model_dump(exclude_none=True) for one in first.output]
        later = [TURN, *echoed, {"role": "user", "content": HARD}]
        got = client.responses.with_raw_response.create(model="powerful", input=later)
        assert got.headers["x-tiny-dancer-dropped"] == "reasoning"
        said = {name: value for name, value in SAID.items() if name != "id"}
        assert other.last.body["input"] == [TURN, said, later[-1]]
        refers = {"type": "item_reference", "id": first.output[1].id}
        create(model="auto", input=[TURN, refers, later[-1]])
        assert upstream.last.body["input"] == [TURN, {**refers, "id": "msg_1"}, later[-1]]
        create(model="light", input=later)
        assert upstream.last.body["input"] == [TURN, REASONED, SAID, later[-1]]


def test_a_streamed_response_comes_event_by_event(scripted, gateway_of):
    upstream = scripted(response_events(REASONED, SAID))
    gateway = gateway_of(upstream.url, upstream.url, light=BOTH)
    client = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=KEY, max_retries=0)
    with client, client.responses.stream(model="light", input=EASY) as events:
        told = list(events)
        answer = events.get_final_response()
    mark = find_mark("small")
    assert [event.type for event in told] == [
        one["type"] for one in response_events(REASONED, SAID)
    ]
    assert answer.output_text == "Paris." and answer.id == "resp_1" + mark
    assert answer.output[0].encrypted_content == "ZW5j" + mark
    assert answer.model_extra["brand_new"] == [1]


@pytest.mark.parametrize("path", ["messages", "responses"])
@pytest.mark.parametrize("is_streamed", [False, True])
def test_an_error_of_an_upstream_is_in_the_callers_format(post, path, is_streamed):
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    if path == "responses":
        error = {"error": {"type": "server_error", "message": "Overloaded"}}
    body = {"model": "light", "stream": is_streamed, "messages": [TURN], "input": EASY}
    got, _, _ = post((529, error), path, body, limits={"retries": 0})
    assert got.status_code == 502 and "Overloaded" in got.json()["error"]["message"]
    assert got.json().get("type") == ("error" if path == "messages" else None)


@pytest.mark.parametrize("path", ["messages", "responses"])
def test_a_native_stream_that_is_cut_says_so(post, path):
    events = message_events() if path == "messages" else response_events(SAID)
    body = {"model": "light", "stream": True, "messages": [TURN], "input": EASY}
    got, _, _ = post(events[:2], path, body)
    last = got.text.strip().rpartition("\n\n")[2]
    assert last.startswith("event: error\ndata: ")
    assert "broke off" in json.loads(last.partition("data: ")[2])["error"]["message"]


def test_an_upstream_without_chat_takes_no_chat(post):
    body = {"model": "light", "messages": [TURN]}
    got, asked, _ = post(message(), "chat/completions", body, {"api": ["messages"]})
    assert got.status_code == 400 and "takes no chat requests" in got.text and asked is None


def test_what_one_upstream_alone_can_take_goes_to_it(scripted, gateway_of):
    chat, native = scripted(whole(content="Hi")), scripted(message())
    gateway = gateway_of(chat.url, native.url, powerful={"api": ["messages"]})
    tools = [{"type": "web_search_20250305", "name": "web_search"}]
    body = {"model": "auto", "max_tokens": 9, "messages": [TURN], "tools": tools}
    got = httpx.post(
        f"{gateway.url}/v1/messages",
        json=body,
        headers=HEADERS,
        trust_env=False,
        timeout=PATIENCE_S,
    )
    assert got.headers["x-tiny-dancer-reason"] == "capability"
    assert native.last.body["tools"] == tools and not chat.asked


def test_tokens_are_counted_by_the_upstream_or_estimated(scripted, gateway_of):
    native = scripted({"input_tokens": 42})
    gateway = gateway_of(native.url, native.url, light=BOTH)
    with anthropic.Anthropic(base_url=gateway.url, api_key=KEY, max_retries=0) as client:
        count = client.messages.with_raw_response.count_tokens
        native_count = count(model="light", messages=[TURN], system="Be brief.")
        assert native_count.parse().input_tokens == 42
        assert native.last.path == "messages/count_tokens"
        assert native.last.body["system"] == "Be brief." and native.last.body["model"] == "small-1"
        guessed = count(model="powerful", messages=[TURN], system="Be brief.")
        assert guessed.headers["x-tiny-dancer-estimate"] == "1"
        assert 5 < guessed.parse().input_tokens < 40
        assert len(native.asked) == 1
        with pytest.raises(anthropic.BadRequestError, match="messages: a list"):
            client.messages.count_tokens(model="auto", messages=[])
    assert gateway.decisions() == []

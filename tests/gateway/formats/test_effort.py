"""One model stands at two efforts, as two upstreams."""

import httpx
import pytest
from gateway.asking import EASY, HARD
from gateway.formats import chats, speaking
from gateway.running import KEY
from patience import PATIENCE_S

HEADERS = {"authorization": f"Bearer {KEY}"}
NATIVE = {"api": ["chat", "messages", "responses"], "model": "one-model"}


@pytest.mark.parametrize(
    ("path", "field", "body", "more"),
    [
        ("chat/completions", "reasoning_effort", {}, {}),
        ("messages", "output_config", {"max_tokens": 9}, {"task_budget": {"total": 9}}),
        ("responses", "reasoning", {}, {"summary": "auto"}),
    ],
)
def test_the_choice_between_two_efforts_of_one_model(scripted, gateway_of, path, field, body, more):
    upstream = scripted(speaking.answer)
    low, high = {**NATIVE, "effort": "low"}, {**NATIVE, "effort": "high"}
    gateway = gateway_of(upstream.url, upstream.url, light=low, powerful=high)
    for prompt, effort in ((EASY, "low"), (HARD, "high")):
        asked = {"input": prompt} if path == "responses" else {"messages": [_say(prompt)]}
        if more:  # what the client says beside the effort stays, and its effort does not
            asked[field] = {**more, "effort": "medium"}
        url = f"{gateway.url}/v1/{path}"
        httpx.post(
            url,
            json={"model": "auto", **body, **asked},
            headers=HEADERS,
            trust_env=False,
            timeout=PATIENCE_S,
        ).raise_for_status()
        assert upstream.last.body["model"] == "one-model"
        assert upstream.last.body[field] == ({**more, "effort": effort} if more else effort)


def test_without_a_setting_the_clients_effort_goes_up(scripted, gateway_of):
    upstream = scripted(chats.whole(content="Hi"))
    gateway = gateway_of(upstream.url, upstream.url)
    body = {"model": "auto", "messages": [_say(EASY)], "reasoning_effort": "minimal"}
    httpx.post(
        f"{gateway.url}/v1/chat/completions",
        json=body,
        headers=HEADERS,
        trust_env=False,
        timeout=PATIENCE_S,
    )
    assert upstream.last.body["reasoning_effort"] == "minimal"


def _say(text):
    return {"role": "user", "content": text}

"""The official clients, from Python and from npm, take the gateway for the API they know.

tests/edge runs the same before the Worker.
"""

import json
import subprocess
from pathlib import Path

import openai
import pytest
from gateway.asking import EASY
from gateway.running import KEY
from patience import PATIENCE_S

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MESSAGES = [{"role": "user", "content": EASY}]
TOOLS = [{"type": "function", "function": {"name": "now", "parameters": {"type": "object"}}}]


@pytest.fixture
def api(address):
    with openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0) as client:
        yield client


def test_chat(api):
    answer = api.chat.completions.create(model="auto", messages=MESSAGES)
    assert answer.choices[0].message.content == "Hello from here."
    assert answer.usage.total_tokens == 14


def test_stream(api):
    stream = api.chat.completions.create(
        model="auto", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == "Hello from here." and chunks[-1].usage.total_tokens == 14


def test_tools(api):
    answer = api.chat.completions.create(model="auto", messages=MESSAGES, tools=TOOLS)
    assert answer.choices[0].message.tool_calls[0].function.name == "now"


def test_completions_embeddings_and_models(api):
    assert api.completions.create(model="auto", prompt=EASY).choices[0].text == "Hello from here."
    vector = api.embeddings.create(model="vectors", input="a", encoding_format="float")
    assert vector.data[0].embedding == [0.5, 0.25]
    names = [model.id for model in api.models.list()]
    assert names == ["auto", "light", "powerful", "small", "big", "vectors"]


def test_errors_are_the_ones_the_client_knows(api, light, powerful):
    create = api.chat.completions.create
    with pytest.raises(openai.NotFoundError, match="no such model"):
        create(model="nobody", messages=MESSAGES)
    with pytest.raises(openai.BadRequestError, match="messages"):
        create(model="auto", messages=[])
    with pytest.raises(openai.AuthenticationError, match="Incorrect API key"):
        api.with_options(api_key="wrong").models.list()
    light.behaviour = powerful.behaviour = "429"
    with pytest.raises(openai.RateLimitError):
        create(model="auto", messages=MESSAGES)
    with pytest.raises(openai.InternalServerError, match="No upstream is available") as caught:
        create(model="auto", messages=MESSAGES)
    assert caught.value.status_code == 503


def test_an_error_in_a_stream_is_raised(api, light):
    light.behaviour = "cut"
    stream = api.chat.completions.create(model="auto", messages=MESSAGES, stream=True)
    words = []
    with pytest.raises(openai.APIError, match="broke off"):
        for chunk in stream:
            words.append(chunk.choices[0].delta.content)
    assert words == ["Hello", " from"]


def test_the_npm_client(address):
    node = ROOT / "node_modules/.bin/node"
    if not (ROOT / "node_modules/openai").is_dir() or not node.exists():
        pytest.skip("no npm packages: ./build.sh setup")
    command = [node, HERE / "npm_client.mjs", f"{address}/v1", KEY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "chat": "Hello from here.",
        "stream": "Hello from here.",
        "streamUsage": 14,
        "tool": "now",
        "completion": "Hello from here.",
        "embedding": [0.5, 0.25],
        "models": 6,
        "unknown": [404, "model_not_found"],
        "key": [401, "invalid_api_key"],
        "cut": ["Hello from", "Upstream small broke off in the middle of the answer."],
    }

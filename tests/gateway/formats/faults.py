"""What clients of each format get when a chat upstream fails; writes the table.

python tests/gateway/formats/faults.py
"""

import json
import sys
from pathlib import Path
from typing import Any

import anthropic
import openai

ROOT = Path(__file__).parents[3]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))

from gateway.asking import EASY  # noqa: E402
from gateway.faults import FAULTS, SLOW, SLOW_S  # noqa: E402
from gateway.running import KEY, Running, config_of  # noqa: E402
from gateway.upstream import Upstream  # noqa: E402
from patience import PATIENCE_S  # noqa: E402

RESULTS = ROOT / "docs/results/formats-faults.json"
FORMATS = ("messages", "responses")


def table() -> list[dict[str, Any]]:
    """A row for each fault and format, with and without a model to fall back to."""
    return [one for fault in FAULTS for name in FORMATS for one in rows(fault, name)]


def rows(fault: str, name: str) -> list[dict[str, Any]]:
    """What the clients of one format got, whole and streamed."""
    found = []
    for fallback in (True, False):
        for stream in (False, True):
            if stream or fault != "error event":
                got = _ask(fault, name, "auto" if fallback else "light", stream=stream)
                found.append(
                    {"fault": fault, "format": name, "stream": stream, "fallback": fallback} | got
                )
    return found


def _ask(fault: str, name: str, model: str, *, stream: bool) -> dict[str, Any]:
    light, powerful = Upstream("small-1"), Upstream("big-1")
    url = light.url
    if fault == "refused":
        light.close()
    else:
        light.behaviour = fault
    raw = config_of(url, powerful.url)
    if fault in SLOW:
        is_begun = stream and fault == "stall"
        raw["upstreams"][0] |= {"stall_s" if is_begun else "timeout_s": SLOW_S}
    gateway = Running(raw)
    try:
        return (ask_messages if name == "messages" else ask_responses)(gateway.url, model, stream)
    finally:
        gateway.close()
        powerful.close()
        light.close()


def ask_messages(url: str, model: str, stream: bool) -> dict[str, Any]:
    """What Anthropic's client got."""
    text = ""
    turn: Any = [{"role": "user", "content": EASY}]
    with anthropic.Anthropic(
        base_url=url, api_key=KEY, max_retries=0, timeout=PATIENCE_S
    ) as client:
        try:
            if not stream:
                answer = client.messages.create(model=model, max_tokens=9, messages=turn)
                return _tell("".join(getattr(one, "text", "") for one in answer.content))
            with client.messages.stream(model=model, max_tokens=9, messages=turn) as events:
                for piece in events.text_stream:
                    text += piece
            return _tell(text)
        except anthropic.APIError as error:
            return _tell(text, error, getattr(error, "status_code", 200))


def ask_responses(url: str, model: str, stream: bool) -> dict[str, Any]:
    """What OpenAI's client got."""
    text = ""
    with openai.OpenAI(
        base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=PATIENCE_S
    ) as client:
        try:
            if not stream:
                return _tell(client.responses.create(model=model, input=EASY).output_text)
            with client.responses.stream(model=model, input=EASY) as events:
                for event in events:
                    text += event.delta if event.type == "response.output_text.delta" else ""
            return _tell(text)
        except openai.APIError as error:
            return _tell(text, error, getattr(error, "status_code", 200))


def _tell(text: str, error: Any = None, status: int = 200) -> dict[str, Any]:
    if error is None:
        return {"text": text, "error": None, "status": status, "message": None}
    body = error.body if isinstance(error.body, dict) else {}
    message = body.get("error", body).get("message", error.message)
    return {"text": text, "error": type(error).__name__, "status": status, "message": message}


if __name__ == "__main__":
    found = table()
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in found)
    RESULTS.write_text(f"[\n{lines}\n]\n", "utf-8")
    for one in found:
        print(one)

"""What a client gets when an upstream fails, by the official client; writes the table.

python tests/gateway/faults.py
"""

import json
import sys
from pathlib import Path
from typing import Any

import openai

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))

from gateway.asking import EASY  # noqa: E402
from gateway.running import KEY, Running, config_of  # noqa: E402
from gateway.upstream import Upstream  # noqa: E402
from patience import PATIENCE_S  # noqa: E402

RESULTS = ROOT / "docs/results/gateway-faults.json"
FAULTS = (
    "ok",
    "refused",
    "500",
    "429",
    "401",
    "400",
    "302",
    "slow headers",
    "stall",
    "cut",
    "error event",
    "garbage",
    "huge",
)
SLOW = ("slow headers", "stall")
SLOW_S = 2.0
SETTINGS = {"consecutive_failures": 5, "open_s": 60.0, "jitter": 0.0}


def table() -> list[dict[str, Any]]:
    """A row for each fault, with and without a model to fall back to, whole and streamed."""
    return [
        row(fault, stream=stream, fallback=fallback)
        for fault in FAULTS
        for stream in (False, True)
        for fallback in (True, False)
        if stream or fault != "error event"
    ]


def row(fault: str, *, stream: bool, fallback: bool) -> dict[str, Any]:
    """What the client of one request got, and what is known about it afterwards."""
    light, powerful = Upstream("small-1"), Upstream("big-1")
    url = light.url
    if fault == "refused":
        light.close()
    else:
        light.behaviour = fault
    raw = config_of(url, powerful.url, breaker=SETTINGS)
    if fault in SLOW:
        is_begun = stream and fault == "stall"
        raw["upstreams"][0] |= {"stall_s" if is_begun else "timeout_s": SLOW_S}
    gateway = Running(raw)
    try:
        got = ask(gateway.url, "auto" if fallback else "light", stream=stream)
        metrics = gateway.router.metrics()
        return {
            "fault": fault,
            "stream": stream,
            "fallback": fallback,
            **got,
            "calls_of_light": None if fault == "refused" else len(light.calls),
            "breaker": str(metrics.breakers.get("light", "closed")),
            "in_history": len(gateway.decisions()),
        }
    finally:
        gateway.close()
        powerful.close()
        if fault != "refused":
            light.close()


def ask(url: str, model: str, *, stream: bool) -> dict[str, Any]:
    """Text, or kind and words of the error, that the official client gets from a gateway."""
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=PATIENCE_S)
    messages: Any = [{"role": "user", "content": EASY}]
    text, served = "", None
    try:
        with client:
            raw = client.chat.completions.with_raw_response.create(
                model=model, messages=messages, stream=stream
            )
            served = raw.headers.get("x-tiny-dancer-served-by")
            answer: Any = raw.parse()
            if stream:
                for chunk in answer:
                    text += chunk.choices[0].delta.content or "" if chunk.choices else ""
            else:
                message = answer.choices[0].message
                text = message.content or f"tool {message.tool_calls[0].function.name}"
    except openai.APIStatusError as error:
        body = error.response.json()["error"]
        return {
            "served_by": None,
            "text": "",
            "error": type(error).__name__,
            "status": error.status_code,
            "message": body["message"],
            "retry_after": error.response.headers.get("retry-after"),
        }
    except openai.APIError as error:
        status, name, message = 200, type(error).__name__, error.message
    else:
        status, name, message = 200, None, None
    return {
        "served_by": served,
        "text": text,
        "error": name,
        "status": status,
        "message": message,
        "retry_after": None,
    }


if __name__ == "__main__":
    rows = table()
    RESULTS.write_text(
        "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in rows) + "\n]\n"
    )
    for one in rows:
        print(one)

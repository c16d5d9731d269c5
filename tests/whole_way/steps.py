"""The way from observing to a certified policy and on: settings, answers, bills."""

import json
import re
from typing import Any

from whole_way.world import Prompt, World, make_population

PRICES = {"light": (150, 600), "powerful": (5_000, 15_000), "judge": (400, 1_600)}
"""Billionths of a unit for a token of the prompt and of the answer, as the upstreams bill."""

SHARE = 0.1
TARGET = 0.95
DELTA = 0.05


def build_config(
    urls: dict[str, str], mode: str, share: float = SHARE, **more: Any
) -> dict[str, Any]:
    """The plain form of a gateway's settings; prices are for a million tokens."""
    upstreams = [
        {
            "name": name,
            "model": name,
            "base_url": url,
            "price_in": PRICES[name][0] / 1_000,
            "price_out": PRICES[name][1] / 1_000,
            **({} if name == "judge" else {"serves": name}),
        }
        for name, url in urls.items()
    ]
    return {
        "anonymous": True,
        "upstreams": upstreams,
        "policy": {"mode": mode},
        "shadow": {"share": share, "judge": "judge"},
        **more,
    }


def ask_for(prompt: Prompt) -> dict[str, Any]:
    """The chat that asks for a prompt."""
    return {"model": "auto", "messages": [{"role": "user", "content": prompt.text}]}


def complete(world: World, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """What an upstream answers, and bills."""
    shown = body["messages"][-1]["content"]
    is_judge = name == "judge"
    text = _judge(world, shown) if is_judge else world.answer(name, find_prompts()[shown])
    tokens = world.count_tokens(name, shown)
    world.pay(name, PRICES[name], tokens)
    message = {"role": "assistant", "content": text}
    return {
        "id": "c-1",
        "object": "chat.completion",
        "created": 1,
        "model": name,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "total_tokens": sum(tokens),
        },
    }


def find_prompts() -> dict[str, Prompt]:
    """The population by its texts."""
    if not _by_text:
        _by_text.update({prompt.text: prompt for prompt in make_population()})
    return _by_text


_by_text: dict[str, Prompt] = {}


def _judge(world: World, shown: str) -> str:
    answers = [re.search(f"<answer_{n}>\n(.*?)\n</answer_{n}>", shown, re.S) for n in "ab"]
    marks = {n: world.mark(shown, n, found[1]) for n, found in zip("ab", answers, strict=True)}
    return json.dumps(marks)

"""Decisions as lines of text that are the same on every host: what the golden tests compare."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tiny_dancer import Router

NOT_COMPARED = ("decision_id", "inference_time_us")


def line(decision: dict[str, object]) -> str:
    """One decision as compact JSON with sorted keys, without what differs from run to run."""
    fields = {name: value for name, value in decision.items() if name not in NOT_COMPARED}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def lines(router: Router, prompts: Iterable[str]) -> Iterator[str]:
    """One line for each prompt."""
    return (line(router.route(prompt).to_dict()) for prompt in prompts)


def read_prompts(path: str | Path) -> list[str]:
    """The prompts of a JSONL file."""
    text = Path(path).read_text("utf-8")
    return [json.loads(row)["prompt"] for row in text.split("\n") if row]


def main(prompts: str, model: str | None, scorer: str = "kernel") -> str:
    """All lines for a file of prompts, with the shipped bundle or another."""
    router = Router(model=model)
    if router.scorer != scorer:
        raise RuntimeError(f"the {router.scorer} decides here, the {scorer} was expected")
    return "".join(row + "\n" for row in lines(router, read_prompts(prompts)))

"""The corpus's prompts, and what CPython decides on them."""

import json
from functools import cache
from typing import Any

from corpus.make_corpus import corpus
from corpus.make_golden import VARYING

from tiny_dancer import Router


def sample(n: int) -> list[str]:
    """Prompts from all over the corpus."""
    prompts = [row["prompt"] for row in corpus()]
    return [prompts[i * len(prompts) // n] for i in range(n)]


def plain(decision: dict[str, Any]) -> str:
    """A decision as text, digit for digit, without what differs from call to call."""
    kept = {name: value for name, value in decision.items() if name not in VARYING}
    return json.dumps(kept, sort_keys=True)


def expected(prompt: str) -> str:
    """CPython's decision."""
    return plain(_router().route(prompt).to_dict())


@cache
def _router() -> Router:
    return Router()

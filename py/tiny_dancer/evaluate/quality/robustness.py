"""Whether a decision stays when a request is changed in a way that changes nothing of it."""

import random
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from ...router import Router
from ...train.everyday import corpus_rows
from ...train.everyday_corpus import EverydayRequest
from ...train.filler import wrapped

Change = Callable[[str, random.Random], str]
LEAST_LETTERS = 4
"""Letters of a word that may be mistyped."""


def mistyped(text: str, draw: random.Random) -> str:
    """Two neighbouring letters of every tenth long word, and of one at least, change places."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) >= LEAST_LETTERS and word.isalpha()]
    for i in draw.sample(long, min(len(long), max(1, len(long) // 10))):
        at = draw.randrange(1, len(words[i]) - 2)
        w = words[i]
        words[i] = w[:at] + w[at + 1] + w[at] + w[at + 2 :]
    return " ".join(words)


def lower(text: str, draw: random.Random) -> str:
    """Small letters throughout."""
    return text.lower()


def capitals(text: str, draw: random.Random) -> str:
    """Capitals throughout."""
    return text.upper()


def unpunctuated(text: str, draw: random.Random) -> str:
    """Without the marks at its end."""
    return text.rstrip(".!?¿¡。？！؟। ") or text


def broken(text: str, draw: random.Random) -> str:
    """A line break in the place of one space, and one at the end."""
    spaces = [i for i, c in enumerate(text) if c == " "]
    if spaces:
        at = draw.choice(spaces)
        text = text[:at] + "\n" + text[at + 1 :]
    return text + "\n"


def polite(text: str, draw: random.Random) -> str:
    """With "Please:" before and thanks behind it."""
    return f"Please: {text} Thanks!"


def chatty(text: str, draw: random.Random) -> str:
    """In small talk of one to six sentences, as training copies are."""
    return wrapped(text, draw)


TEMPLATES = (
    "I have a question: {}",
    "Here is what I need: {}",
    "{}\nAnswer, please.",
    "You are a helpful assistant. {}",
    'Respond to this: "{}"',
)


def framed(text: str, draw: random.Random) -> str:
    """In one of five frames that ask the same."""
    return draw.choice(TEMPLATES).format(text)


ANY: dict[str, Change] = {
    "typing mistakes": mistyped,
    "small letters": lower,
    "capitals": capitals,
    "no mark at the end": unpunctuated,
    "line breaks": broken,
}
ENGLISH: dict[str, Change] = {
    "polite words": polite,
    "templates": framed,
    "small talk around it": chatty,
}
"""Changes that add English."""


def robustness(bundle: bytes) -> dict[str, Any]:
    """Return, by kind of change, requests changed, share of decisions kept, mean move of score.

    "all but languages" are the changed pairs of every kind but the last together.
    """
    router = Router(model=bundle)
    requests = corpus_rows(held_out=True)
    found = {}
    for name, change in (ANY | ENGLISH).items():
        asked = requests if name in ANY else [r for r in requests if r.language == "en"]
        draw = random.Random(name)
        pairs = [(r.text, change(r.text, draw)) for r in asked]
        found[name] = _kept(router, [pair for pair in pairs if pair[0] != pair[1]])
    found["all but languages"] = _together(list(found.values()))
    found["another language"] = _kept(router, list(_translations(requests)))
    return found


def _translations(requests: tuple[EverydayRequest, ...]) -> Iterator[tuple[str, str]]:
    """Requests of one family, kind and label in two languages, each language's first alone."""
    groups: dict[tuple[str, str, int], dict[str, str]] = {}
    for r in requests:
        groups.setdefault((r.family, r.kind, r.light), {}).setdefault(r.language, r.text)
    for group in groups.values():
        if "en" in group:
            yield from ((group["en"], text) for name, text in group.items() if name != "en")
        else:
            yield from combinations(group.values(), 2)


def _together(found: list[dict[str, float]]) -> dict[str, float]:
    count = sum(row["pairs"] for row in found)
    mean = {k: sum(row["pairs"] * row[k] for row in found) / count for k in ("kept", "move")}
    return {"pairs": int(count), **mean}


def _kept(router: Router, pairs: list[tuple[str, str]]) -> dict[str, float]:
    before, after = ([router.route(text) for text in side] for side in zip(*pairs, strict=True))
    same = [a.model == b.model for a, b in zip(before, after, strict=True)]
    moves = [abs((a.score or 0) - (b.score or 0)) for a, b in zip(before, after, strict=True)]
    return {"pairs": len(pairs), "kept": float(np.mean(same)), "move": float(np.mean(moves))}

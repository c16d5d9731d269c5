"""What identifies a question, and draws by it, so that no question stands on two sides."""

import hashlib
import re
from typing import Final

_OPTIONS: Final = re.compile(
    r"\n\s*(?:\(?A\)|A[.:])\s|\nOptions:|\nSelect the correct answer:|\nAnswer Choices:"
)


def question(prompt: str) -> str:
    """Return the prompt up to its answer options; all of it where it has none."""
    match = _OPTIONS.search(prompt)
    return prompt[: match.start()] if match and match.start() > 0 else prompt


def stem(prompt: str) -> str:
    """Return the letters and digits of the question, lower-cased: what identifies it."""
    return "".join(c for c in question(prompt).casefold() if c.isalnum())


def draw(prompt: str, salt: str) -> float:
    """Return a number in [0, 1) that depends on the prompt's stem and the salt alone."""
    digest = hashlib.sha256((salt + stem(prompt)).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def fold(prompt: str, count: int, salt: str) -> int:
    """Return the fold of the prompt's stem, 0 … count − 1."""
    return int(draw(prompt, salt) * count)

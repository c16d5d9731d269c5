"""What tests ask, and what they read off an answer."""

from typing import Any

EASY = "What is the capital of France?"
"""Goes to the light model."""

HARD = "Prove that every bounded sequence has a convergent subsequence."
"""Goes to the powerful model."""


def chat(*turns: str, model: Any = "auto", **more: Any) -> dict[str, Any]:
    """A chat completion of these user turns."""
    messages = [{"role": "user", "content": turn} for turn in turns or (EASY,)]
    return {"model": model, "messages": messages, **more}


def told(answer: Any) -> dict[str, str]:
    """The gateway's headers, without their prefix."""
    return {n[14:]: v for n, v in answer.headers.items() if n.startswith("x-tiny-dancer-")}

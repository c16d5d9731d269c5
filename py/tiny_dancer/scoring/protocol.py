"""What a scorer gives back for a text, whoever did the arithmetic."""

from typing import NamedTuple, Protocol

TEXT_LIMIT = 65_536
"""Bytes of UTF-8 a scorer takes."""

TRUNCATED = 1
MALFORMED = 2
"""Bits of `TextScore.flags`."""


class TextScore(NamedTuple):
    """Numbers of one prompt; every float is a binary32 value.

    Attributes:
        n_tokens: tokens kept.
        n_seen: tokens of the whole text.
        n_unknown: unknown ones among them.
        flags: `TRUNCATED`, `MALFORMED`.
        surprisal: summed over the tokens seen, in 1/8 bit.
        logits, probabilities, scores: one a model, cheapest first.
        head_inputs: last state, mean state, cues; empty unless asked for.
        token_ids: ids of the tokens kept; empty unless asked for.
    """

    n_tokens: int
    n_seen: int
    n_unknown: int
    flags: int
    surprisal: int
    logits: tuple[float, ...]
    probabilities: tuple[float, ...]
    scores: tuple[float, ...]
    head_inputs: tuple[float, ...] = ()
    token_ids: tuple[int, ...] = ()


class Scorer(Protocol):
    """Does the number work of one model."""

    kind: str
    """`kernel` or `twin`."""

    def score_text(
        self, text: bytes, *, head_inputs: bool = False, token_ids: bool = False
    ) -> TextScore:
        """Score UTF-8 of at most `TEXT_LIMIT` bytes (surrogates passed through).

        Raises:
            KernelError: the kernel failed; the scorer must not be used again.
        """

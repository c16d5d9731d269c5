"""Explanation: what moved a decision on a text, found by asking again without parts of it."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from .errors import InvalidInputError
from .model.spec import CUES
from .score import Scored
from .text import cut

if TYPE_CHECKING:
    from .service import Service

MAX_SPANS: Final = 64
NAMES: Final = (
    "tokens_short",
    "tokens_long",
    "newlines",
    "options",
    "questions",
    "question_words",
    "numbers",
    "digits",
    "capitals",
    "maths",
    "code",
    "punctuation",
    "non_ascii",
    "word_parts",
    "rare_words",
    "long_words",
)
"""Of the cues, in the kernel's order (docs/kernel.md, section 6)."""
_WORD: Final = re.compile(r"\w+|[^\w\s]+")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the prompt.

    Attributes:
        start, end: characters of the prompt that it has, from `start` to before `end`.
        text: those characters.
        effect: the score less the score of the prompt without them, so that above 0 they speak
            for the powerful model; None where nothing is left without them.
    """

    start: int
    end: int
    text: str
    effect: float | None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Calibration prompts whose probability is nearest, from which the interval is made.

    Attributes:
        n: how many.
        works: on how many of them the light model answered well.
    """

    n: int
    works: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What moved a decision.

    Attributes:
        score: the routing score; None where the text has no token.
        threshold: the policy's; None where no policy decides.
        spans: words and signs in order; in a long prompt several together, so that there are at
            most 64.
        cues: what is counted of the text, by name, each in [0, 1).
        neighbours: None where there are too few calibration prompts.
    """

    score: float | None
    threshold: float | None
    spans: tuple[Span, ...]
    cues: dict[str, float]
    neighbours: Neighbours | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


class _Router(Protocol):
    _service: "Service"

    def score(self, request: Any, *, candidates: Any = None) -> Scored: ...


def explain_prompt(router: _Router, prompt: str) -> Explanation:
    """What moves the decision on a prompt: its words, its cues, and prompts like it.

    The effects are exact: each comes from scoring the prompt again, without some characters. They
    need not add up. Nothing is asked, counted or kept.

    Args:
        router: whose bundle and policy explain.
        prompt: the text.

    Raises:
        InvalidInputError: not a text, or there is no bundle.
    """
    if not isinstance(prompt, str):
        raise InvalidInputError(f"prompt: a str is needed, got {type(prompt).__name__}")
    loaded = router._service.get_loaded()
    scored = router.score(prompt, candidates=())
    spans = []
    for start, end in _part(prompt) if scored.score is not None else ():
        rest = router.score(prompt[:start] + prompt[end:], candidates=()).score
        effect = scored.score - rest if rest is not None and scored.score is not None else None
        spans.append(Span(start, end, prompt[start:end], effect))
    p = scored.probabilities[0] if scored.probabilities else None
    found = None if p is None else loaded.calibrations.texts.count_neighbours(p)
    return Explanation(
        scored.score,
        scored.threshold,
        tuple(spans),
        _read_cues(router._service, prompt) if p is not None else {},
        Neighbours(*found) if found is not None else None,
    )


def _part(prompt: str) -> Iterator[tuple[int, int]]:
    """Start and end of at most `MAX_SPANS` runs of words."""
    words = [match.span() for match in _WORD.finditer(prompt)]
    many = -(-len(words) // MAX_SPANS)
    for at in range(0, len(words), max(many, 1)):
        run = words[at : at + many]
        yield run[0][0], run[-1][1]


def _read_cues(service: "Service", prompt: str) -> dict[str, float]:
    text = cut(prompt)[0]
    score = service.use(lambda loaded: loaded.scorer.score_text(text, head_inputs=True))
    return dict(zip(NAMES, list(score.head_inputs)[-CUES:], strict=True))

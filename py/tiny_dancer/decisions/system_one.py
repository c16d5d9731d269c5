"""Questions and answers as System One writes them; LiteLLM, AI SDK and LangChain do the same."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..checks import check_name
from ..errors import InvalidInputError
from .answer import Answer, ChoiceAnswer, PredicateAnswer, Refusal
from .answers import write_label
from .question import MAX_LABELS, MAX_QUESTIONS, Question

KINDS: Final = {"noul": "predicate", "choice": "choice", "score": "score", "box": "box"}
"""What it calls each kind; a noul is a yes/no question."""


def read_questions(raw: Any) -> list[Question]:
    """The `questions` of a request, in their order.

    Raises:
        InvalidInputError: they are malformed; names the path of the value at fault.
    """
    if not isinstance(raw, Mapping) or not 0 < len(raw) <= MAX_QUESTIONS:
        raise InvalidInputError(f"questions: an object of 1 to {MAX_QUESTIONS} is needed")
    return [_read_question(id_, one) for id_, one in raw.items()]


def write_answers(
    questions: Sequence[Question], answers: Sequence[Answer], figures: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """The `answers` of a response by the questions' ids; those that were refused are left out.

    Args:
        questions: what was asked.
        answers: to each of them.
        figures: the router's own, which stand beside each answer.
    """
    return {
        question.id or "": {**_write(answer), "tiny_dancer": dict(figures)}
        for question, answer in zip(questions, answers, strict=True)
        if not isinstance(answer, Refusal)
    }


def write_warnings(
    questions: Sequence[Question], answers: Sequence[Answer]
) -> list[dict[str, str]]:
    """The `warnings` of a response: which question was refused, and why."""
    return [
        {"question": question.id or "", "message": answer.why}
        for question, answer in zip(questions, answers, strict=True)
        if isinstance(answer, Refusal)
    ]


def write_usage() -> dict[str, int]:
    """The `usage` of a response: no tokens of anybody's."""
    return {"input_tokens": 0, "output_tokens": 0}


def _read_question(id_: Any, raw: Any) -> Question:
    check_name("questions: id", id_)
    path = f"questions.{id_}"
    kind = raw.get("type") if isinstance(raw, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidInputError(f"{path}: an object of type {', '.join(KINDS)} is needed")
    if kind != "choice":
        return Question(KINDS[kind], id_)
    criteria = raw.get("criteria")
    if not isinstance(criteria, Mapping) or not 0 < len(criteria) <= MAX_LABELS:
        raise InvalidInputError(f"{path}.criteria: an object of 1 to {MAX_LABELS} labels is needed")
    return Question(kind, id_, tuple(criteria))


def _write(answer: ChoiceAnswer | PredicateAnswer) -> dict[str, Any]:
    if isinstance(answer, PredicateAnswer):
        return {"type": "noul", "noul": answer.probability}
    return {
        "type": "choice",
        "choice": answer.choice,
        "confidence": answer.confidence,
        "probabilities": {write_label(label): p for label, p in answer.probabilities},
    }

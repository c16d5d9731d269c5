"""Questions and answers as the OpenAI Decisions API writes them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..checks import MAX_NAME_CHARS, shown
from ..errors import InvalidInputError
from .answer import Answer, ChoiceAnswer, PredicateAnswer
from .question import MAX_LABELS, MAX_QUESTIONS, Label, Question

KINDS: Final = ("predicate", "choice", "score")


def read_questions(raw: Any) -> list[Question]:
    """The `questions` of a request, in their order.

    Raises:
        InvalidInputError: they are malformed; names the path of the value at fault.
    """
    if not isinstance(raw, list) or not 0 < len(raw) <= MAX_QUESTIONS:
        raise InvalidInputError(f"questions: a list of 1 to {MAX_QUESTIONS} is needed")
    questions = [_read_question(one, f"questions[{at}]") for at, one in enumerate(raw)]
    names = set[str]()
    for at, question in enumerate(questions):
        if question.id in names:
            raise InvalidInputError(
                f"questions[{at}].name: {shown(question.id, 40)} is there twice"
            )
        if question.id is not None:  # any number of them may have no name
            names.add(question.id)
    return questions


def write_answers(
    questions: Sequence[Question], answers: Sequence[Answer], figures: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The `answers` of a response, in the order of the questions.

    Args:
        questions: what was asked.
        answers: to each of them.
        figures: the router's own, which stand beside each answer.
    """
    return [
        {**_write(answer, question.id), "tiny_dancer": dict(figures)}
        for question, answer in zip(questions, answers, strict=True)
    ]


def write_usage() -> dict[str, Any]:
    """The `usage` of a response: no tokens of anybody's."""
    return {
        "input_tokens": 0,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens": 0,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 0,
    }


def _read_question(raw: Any, path: str) -> Question:
    if not isinstance(raw, dict) or raw.get("type") not in KINDS:
        raise InvalidInputError(f"{path}: an object of type {', '.join(KINDS)} is needed")
    name = raw.get("name")
    if name is not None and (not isinstance(name, str) or len(name) > MAX_NAME_CHARS):
        raise InvalidInputError(
            f"{path}.name: a text of at most {MAX_NAME_CHARS} characters is needed"
        )
    if raw["type"] != "choice":
        return Question(raw["type"], name)
    choices = raw.get("choices")
    if not isinstance(choices, list) or not 2 <= len(choices) <= MAX_LABELS:
        raise InvalidInputError(f"{path}.choices: a list of 2 to {MAX_LABELS} is needed")
    labels: dict[tuple[type, Label], Label] = {}
    for at, choice in enumerate(choices):
        value = choice.get("value") if isinstance(choice, dict) else None
        if not isinstance(value, str | bool):
            raise InvalidInputError(f"{path}.choices[{at}].value: a text or a boolean is needed")
        if (type(value), value) in labels:
            raise InvalidInputError(
                f"{path}.choices[{at}].value: {shown(value, 40)} is there twice"
            )
        labels[type(value), value] = value
    return Question("choice", name, tuple(labels.values()))


def _write(answer: Answer, name: str | None) -> dict[str, Any]:
    if isinstance(answer, ChoiceAnswer):
        return {
            "type": "choice",
            "name": name,
            "choice": answer.choice,
            "confidence": answer.confidence,
            "probabilities": [
                {"value": label, "probability": p} for label, p in answer.probabilities
            ],
        }
    if isinstance(answer, PredicateAnswer):
        return {"type": "predicate", "name": name, "probability": answer.probability}
    return {"type": "refusal", "name": name, "message": answer.why}

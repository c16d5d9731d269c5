"""The policy of what can be answered, and the answers."""

from collections.abc import Iterable, Mapping, Sequence

from ..checks import shown
from ..policy import LIGHT, POWERFUL, Choice
from ..policy.distribution import distribute, measure_support
from ..policy.preference import resolve_name
from ..score import Scored
from .answer import Answer, ChoiceAnswer, PredicateAnswer, Refusal
from .question import Label, Question
from .question_config import QuestionConfig

NO_CONFIG = QuestionConfig()


def answer_questions(
    questions: Iterable[Question],
    configs: Mapping[str, QuestionConfig],
    scored: Scored,
    choice: Choice,
) -> list[Answer]:
    """The answers about one text that was scored once, in the order of the questions.

    A choice is answered whose labels are names of the bundle's models, or stand for them by the
    config of the question's id; a predicate whose id a config names. All else is refused.

    Args:
        questions: what is asked.
        configs: by a question's id what it means.
        scored: the numbers of the text.
        choice: what was decided for it.
    """
    # Without a bundle everything is powerful, whatever the models were called.
    models = scored.models if scored.rule is not None else (LIGHT, POWERFUL)
    support = (*[0.0] * (len(models) - 1), 1.0)
    if scored.rule is not None:
        support = measure_support(scored, scored.rule)
    answers: list[Answer] = []
    for question in questions:
        config = configs.get(question.id or "", NO_CONFIG)
        if question.kind == "choice":
            answers.append(_choose(question, config, models, support, choice))
        elif question.kind == "predicate":
            answers.append(_tell(config, models, support))
        else:
            answers.append(Refusal(f"no question of type {question.kind} can be answered"))
    return answers


def _choose(
    question: Question,
    config: QuestionConfig,
    models: Sequence[str],
    support: Sequence[float],
    choice: Choice,
) -> Answer:
    labels: dict[int, Label] = {}
    for label in question.labels:
        name = config.labels.get(write_label(label))
        if name is None and isinstance(label, str):
            name = label
        model = resolve_name(name, models) if name is not None else None
        if model not in models:
            return Refusal(
                f"the label {shown(label, 40)} stands for no model: labels have to be names of "
                f"{', '.join(dict.fromkeys((*models, LIGHT, POWERFUL)))}, or mapped to them "
                "in the configuration by the question's id"
            )
        index = models.index(model)
        if index in labels:
            return Refusal(
                f"the labels {shown(labels[index], 40)} and {shown(label, 40)} stand for the same "
                "model"
            )
        labels[index] = label
    if not labels:
        return Refusal("a choice needs labels")
    taken, probabilities = distribute(models, support, choice, labels.keys())
    order = {label: index for index, label in labels.items()}
    return ChoiceAnswer(
        labels[taken], tuple((label, probabilities[order[label]]) for label in question.labels)
    )


def _tell(config: QuestionConfig, models: Sequence[str], support: Sequence[float]) -> Answer:
    model = resolve_name(config.predicate, models) if config.predicate is not None else None
    if model not in models:
        return Refusal(
            "a yes/no question is answered where the configuration says by its id which model "
            'it is about (predicate = "light")'
        )
    return PredicateAnswer(support[models.index(model)])


def write_label(label: Label) -> str:
    """The text of a label: `true` and `false` of the booleans."""
    return label if isinstance(label, str) else str(label).lower()

"""What questions mean, by their ids, where their labels do not say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..checks import check_name, shown
from ..errors import InvalidInputError
from ..policy.preference import LIGHT, POWERFUL, resolve_name
from .question import MAX_LABELS, MAX_QUESTIONS

FIELDS: Final = ("labels", "predicate")


@dataclass(frozen=True, slots=True)
class QuestionConfig:
    """What the questions of one id mean.

    Attributes:
        labels: of a choice: a label, and the model that it stands for.
        predicate: of a yes/no question: the model that it asks about, "is it enough?".
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    predicate: str | None = None


def read_question_configs(raw: Any, path: str = "questions") -> dict[str, QuestionConfig]:
    """By a question's id what it means; none where nothing is given.

    Args:
        raw: such as `{"tier": {"labels": {"cheap": "light", "dear": "powerful"}}}`.
        path: names it in errors.

    Raises:
        InvalidInputError: it is malformed; names the path of the value at fault.
    """
    found: dict[str, QuestionConfig] = {}
    for id_, value in _read_table(raw, path, MAX_QUESTIONS).items():
        where = f"{path}.{id_}"
        given = _read_table(value, where, len(FIELDS))
        for name in given:
            if name not in FIELDS:
                raise InvalidInputError(f"{where}.{name}: there are labels and predicate alone")
        labels = _read_table(given.get("labels"), f"{where}.labels", MAX_LABELS)
        for label, model in labels.items():
            check_name(f"{where}.labels.{label}", model)
        if (predicate := given.get("predicate")) is not None:
            check_name(f"{where}.predicate", predicate)
        found[id_] = QuestionConfig(labels, predicate)
    return found


def check_models(
    configs: Mapping[str, QuestionConfig], models: Sequence[str], path: str = "questions"
) -> None:
    """See that the models which questions are about are those of the bundle.

    Args:
        configs: by a question's id.
        models: names, cheapest first.
        path: names the configs in errors.

    Raises:
        InvalidInputError: one is not; names the path of the value at fault.
    """
    known = ", ".join(dict.fromkeys((*models, LIGHT, POWERFUL)))
    for id_, config in configs.items():
        named = {f"labels.{label}": model for label, model in config.labels.items()}
        if config.predicate is not None:
            named["predicate"] = config.predicate
        for name, model in named.items():
            if resolve_name(model, models) not in models:
                raise InvalidInputError(
                    f"{path}.{id_}.{name}: one of {known} is needed, got {shown(model, 40)}"
                )
        if config.predicate and resolve_name(config.predicate, models) == models[-1] != models[0]:
            raise InvalidInputError(
                f"{path}.{id_}.predicate: {config.predicate} is always enough; "
                f"name a cheaper model, such as {LIGHT}"
            )


def _read_table(raw: Any, path: str, most: int) -> dict[str, Any]:
    if raw is None:
        return {}
    if not isinstance(raw, Mapping) or len(raw) > most:
        raise InvalidInputError(
            f"{path}: a table of at most {most} names is needed, got {shown(raw, 40)}"
        )
    for name in raw:
        check_name(path, name)
    return dict(raw)

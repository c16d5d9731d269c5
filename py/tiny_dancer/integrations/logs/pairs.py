"""Prompts that met several models, as labels for `train`, `eval` and `adapt`."""

from collections.abc import Iterable

from .entry import Entry


def join_pairs(entries: Iterable[Entry]) -> tuple[tuple[str, ...], list[dict[str, float | str]]]:
    """Names of the models, and a row for every prompt that each of them answered with a mark.

    A model's column holds the mean of its marks; models come in the order in which they are met.

    Args:
        entries: calls; those without a mark do not count.
    """
    marks: dict[str, dict[str, list[float]]] = {}
    for entry in entries:
        if entry.score is not None:
            marks.setdefault(entry.prompt, {}).setdefault(entry.model, []).append(entry.score)
    paired = {prompt: found for prompt, found in marks.items() if len(found) > 1}
    models = tuple(dict.fromkeys(model for found in paired.values() for model in found))
    rows: list[dict[str, float | str]] = [
        {"prompt": prompt, **{m: sum(found[m]) / len(found[m]) for m in models}}
        for prompt, found in paired.items()
        if len(found) == len(models)
    ]
    return models, rows

"""An evaluation as Markdown, for the summary of a CI job or a comment."""

from collections.abc import Iterator, Sequence
from typing import Any

from .requirement import Check


def write_markdown(checks: Sequence[Check], facts: dict[str, Any]) -> str:
    """The requirements, and the policy beside a static mix of the same cost and single models.

    Args:
        checks: the requirements, and what was found.
        facts: of the evaluation.
    """
    return "\n".join((*_list_requirements(checks), *_list_choices(facts))) + "\n"


def list_choices(facts: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and figures of the policy, of a coin at the same cost, and of each model alone."""
    yield "policy", facts["policy"]
    yield "static mix", facts["mix"]
    for name, row in facts["frontier"]["singles"].items():
        yield f"{name} alone", row


def _list_requirements(checks: Sequence[Check]) -> Iterator[str]:
    if checks:
        yield from ("| required | found | |", "| --- | --- | --- |")
        for check in checks:
            value = "not defined" if check.value is None else f"{check.value:.4g}"
            verdict = "met" if check.is_met else "**not met**"
            yield f"| {check.requirement} ({check.what}) | {value} | {verdict} |"
        yield ""


def _list_choices(facts: dict[str, Any]) -> Iterator[str]:
    yield f"{facts['labels']['rows']:,} prompts; prices: {facts['prices_from']}."
    yield "The static mix throws a coin between the ends of the price list, at the policy's cost."
    yield from ("", "| | quality kept | cost saved | share light |", "| --- | --- | --- | --- |")
    for name, row in list_choices(facts):
        share = f"{row['light_share']:.1%}" if "light_share" in row else ""
        yield f"| {_escape(name)} | {row['quality_kept']:.1%} | {row['saving']:.1%} | {share} |"


def _escape(text: str) -> str:
    return text.replace("|", "\\|")

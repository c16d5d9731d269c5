"""Pieces of the page that several sections use."""

from typing import Any


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown, numbers to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def short(number: float) -> str:
    """Three digits or so, with thousands separated."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"


def machine(facts: dict[str, Any], **versions: str) -> str:
    """One line about where a figure comes from."""
    load = f"{facts['load']:g}"
    if "load_after" in facts:
        load += f" before and {facts['load_after']:g} after"
    about = [f"{facts['cores']} cores, load {load}", f"Python {facts['python']}"]
    about += [f"{name} {version}" for name, version in versions.items()]
    return f"{facts['processor']} ({facts['architecture']}), " + ", ".join(about) + "."

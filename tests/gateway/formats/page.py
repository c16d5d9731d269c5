"""The tables of docs/formats.md: python tests/gateway/formats/page.py"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/formats.md"
RESULTS = ROOT / "docs/results"
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "py"))

from tiny_dancer.gateway.formats.fields import Fields  # noqa: E402
from tiny_dancer.gateway.formats.messages.fields import TABLE as MESSAGES  # noqa: E402
from tiny_dancer.gateway.formats.responses.fields import TABLE as RESPONSES  # noqa: E402


def fields(table: Iterable[Fields]) -> str:
    """What becomes of each field, in the order of the code."""
    lines = ["| field | becomes | or why |", "| --- | --- | --- |"]
    for one in table:
        rows = [(name, said, "") for name, said in one.translated.items()]
        rows += [(name, "dropped", why) for name, why in one.dropped.items()]
        rows += [(name, "**refused**", why) for name, why in one.refused.items()]
        for name, what, why in rows:
            place = f"`{name}`" + (f" of `{one.path}`" if one.path else "")
            lines.append(f"| {place} | {what or 'what it says'} | {why} |")
    return "\n".join(lines)


def clients() -> str:
    """What each client of others got, by format and kind of upstream."""
    result = json.loads((RESULTS / "formats-clients.json").read_text("utf-8"))
    lines = ["| client | what it did | upstream | got |", "| --- | --- | --- | --- |"]
    for row in result["rows"]:
        lines.append(f"| {row['client']} | {row['did']} | {row['upstream']} | {row['got']} |")
    return "\n".join(lines)


def faults() -> str:
    """What a client of each format got, by fault."""
    rows = json.loads((RESULTS / "formats-faults.json").read_text("utf-8"))
    lines = [
        "| the light upstream | format | `auto`, whole | `auto`, streamed | `light`, whole | "
        "`light`, streamed |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for fault, name in dict.fromkeys((row["fault"], row["format"]) for row in rows):
        some = {
            (row["fallback"], row["stream"]): _tell(row)
            for row in rows
            if (row["fault"], row["format"]) == (fault, name)
        }
        ways = [(fallback, stream) for fallback in (True, False) for stream in (False, True)]
        cells = " | ".join(some.get(way, "") for way in ways)
        lines.append(f"| {fault} | {name} | {cells} |")
    return "\n".join(lines)


def _tell(row: dict[str, Any]) -> str:
    if row["error"] is None:
        return f"“{row['text']}”"
    if row["status"] == 200:
        return f"“{row['text']}”, then {row['error']}"
    return f"{row['status']} {row['error']}"


def tables() -> dict[str, str]:
    """Text by the name that stands in the page's markers."""
    return {
        "messages": fields(MESSAGES),
        "responses": fields(RESPONSES),
        "clients": clients(),
        "faults": faults(),
    }


def filled(page: str) -> str:
    """The page with its tables as code and results files say."""
    for name, text in tables().items():
        marks = f"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        page = re.sub(marks, lambda m, t=text: f"{m[1]}\n{t}\n\n{m[2]}", page, flags=re.S)
    return page


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")

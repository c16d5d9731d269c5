"""The JavaScript part of the reference: what the npm library exports, from its sources."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parents[2] / "web" / "router" / "src"
_EXPORT: Final = re.compile(r"export (?:type )?\{([^}]*)\} from \"\./([\w/-]+)\.js\"", re.DOTALL)
_MEMBER: Final = re.compile(
    r"^  (?:/\*\*\s*(?P<doc>(?:(?!\*/).)*?)\s*\*/\s*)?"
    r"(?P<text>(?:readonly |static |async |get |set )*"
    r"(?!if\b|for\b|return\b|private\b|#)[a-zA-Z_]\w*\??"
    r"(?:<[^>]*>)?(?:\((?:[^()]|\([^()]*\))*\)(?:: [^;{]+?)?|: [^;{]+?)) ?[;{]$",
    re.DOTALL | re.MULTILINE,
)


class UndescribedError(Exception):
    """An exported name was not found where it is exported from."""


def write_javascript() -> Iterator[str]:
    """The lines of the part.

    Raises:
        UndescribedError: names the export that was not found.
    """
    yield from _write_entry(SOURCE)
    yield "## `tiny-dancer/hybrid`"
    yield ""
    yield from _write_entry(SOURCE / "hybrid")


def _write_entry(folder: Path) -> Iterator[str]:
    """The lines of what the folder's index.ts exports."""
    index = (folder / "index.ts").read_text("utf-8")
    for names, file in _EXPORT.findall(index):
        text = (folder / f"{file}.ts").read_text("utf-8")
        for name in (part.strip() for part in names.split(",") if part.strip()):
            yield from _write(name, text)


def _write(name: str, text: str) -> Iterator[str]:
    found = re.search(
        r"(?:/\*\*(?P<doc>(?:(?!\*/).)*)\*/\s*)?export (?:async )?"
        rf"(?P<kind>class|interface|function|type|const) {name}\b(?P<head>[^\n]*)",
        text,
        re.DOTALL,
    )
    if found is None:
        raise UndescribedError(f"{name}: it is exported, and nothing of this name is there")
    yield f"### `{name}`"
    yield ""
    if found["doc"]:
        yield _plain(found["doc"])
        yield ""
    if found["kind"] in ("class", "interface"):
        body = text[found.end() :].split("\n}")[0]
        rows = [
            f"| `{' '.join(member['text'].split())}` | {_plain(member['doc'] or '')} |".replace(
                " | `", " | `"
            )
            for member in _MEMBER.finditer(body)
        ]
        if rows:
            yield "| member | |"
            yield "| --- | --- |"
            yield from (row.replace(" | ", " \\| ", row.count(" | ") - 1) for row in rows)
            yield ""
    else:
        declaration = text[found.start("kind") :].split("{" if found["kind"] == "function" else ";")
        yield "```ts"
        yield " ".join(declaration[0].split())
        yield "```"
        yield ""


def _plain(comment: str) -> str:
    return " ".join(re.sub(r"^\s*\*", "", comment, flags=re.MULTILINE).split())

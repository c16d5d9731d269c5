"""Docstrings in Google's style, taken apart."""

import inspect
import re
from dataclasses import dataclass, field

_SECTION = re.compile(r"^(Args|Attributes|Raises):$")
_ENTRY = re.compile(r"^    ([\w, ]+): (.*)$")


@dataclass(slots=True)
class Docstring:
    """What a docstring says.

    Attributes:
        text: the paragraphs outside of sections.
        entries: by section, what is said of each name.
    """

    text: str = ""
    entries: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """The first paragraph, on one line."""
        return " ".join(self.text.split("\n\n")[0].split())


def parse(thing: object) -> Docstring:
    """The docstring of a class, function or property."""
    found, section, names = Docstring(), "", list[str]()
    lines: list[str] = []
    for line in (inspect.getdoc(thing) or "").splitlines():
        if match := _SECTION.match(line):
            section = match[1]
            found.entries[section] = {}
        elif section and line and not line.startswith(" "):
            section = ""
            lines.append(line)
        elif not section:
            lines.append(line)
        elif match := _ENTRY.match(line):
            names = [name.strip() for name in match[1].split(",")]
            found.entries[section] |= dict.fromkeys(names, match[2])
        elif line.strip():
            for name in names:
                found.entries[section][name] += " " + line.strip()
    found.text = "\n".join(lines).strip()
    return found

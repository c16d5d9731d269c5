"""The files that a prompt passes are those that docs/architecture.md names."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import tiny_dancer
from tiny_dancer import Router

PACKAGE = Path(tiny_dancer.__file__).parent
DOCUMENT = Path(__file__).parents[2] / "docs" / "architecture.md"


def named_files(path: str) -> list[str]:
    """The files of one path in the document, in its order."""
    _, _, rest = DOCUMENT.read_text("utf-8").partition(f"<!-- path: {path} -->")
    assert rest, f"docs/architecture.md has no path {path}"
    table = rest.strip().split("\n\n")[0]
    return re.findall(r"^\| `([\w/.]+)` \|", table, re.MULTILINE)


def traced_files(call: Callable[[], object]) -> list[str]:
    """The package's files that a call enters, in the order of entering."""
    found: dict[str, None] = {}

    def note(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(str(PACKAGE)):
            found[Path(frame.f_code.co_filename).relative_to(PACKAGE).as_posix()] = None

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return list(found)


def test_a_text_prompt_passes_the_files_that_are_named():
    router = Router()
    router.route("the first decision draws the prefix of all ids")
    assert traced_files(lambda: router.route("What is the capital of France?")) == named_files(
        "route"
    )

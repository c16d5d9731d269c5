"""The bad bundles of tests/attacks inside Pyodide, where deep recursion ends the interpreter."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attacks.test_corpus import CORPUS


def test_pyodide_refuses_every_bad_bundle_by_the_same_check(
    report: Callable[..., Any], wheel: Path, tmp_path: Path
) -> None:
    names = list(CORPUS)
    for number, name in enumerate(names):
        (tmp_path / str(number)).write_bytes(CORPUS[name][0])
    found = report("attacks.mjs", wheel, tmp_path)
    assert len(found) == len(CORPUS)
    for number, message in found.items():
        name = names[int(number)]
        fault = message.removeprefix(f"/attacks/{number}: ")  # from a path, which comes first
        assert re.search(CORPUS[name][1], fault), name

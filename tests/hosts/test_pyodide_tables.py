"""The tab reads people's files with the same reader as the commands, to the last word."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hosts import reading
from tables.written import write_files


def test_a_tab_reads_the_odd_files_as_cpython_does(
    report: Callable[..., dict[str, Any]], wheel: Path, tmp_path: Path
) -> None:
    assert write_files(tmp_path / "odd") > 150
    here = json.loads(reading.main(str(tmp_path / "odd")))
    theirs = report("reading.mjs", wheel, tmp_path / "odd")
    assert theirs.keys() == here.keys()
    different = {name: (theirs[name], here[name]) for name in here if theirs[name] != here[name]}
    assert not different

"""docs/api.md holds every public name, and nothing that is no longer so."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from reference.__main__ import DOCUMENT, make_document  # noqa: E402
from reference.python import UndescribedError, write_python  # noqa: E402

import tiny_dancer  # noqa: E402


def test_the_reference_is_what_the_sources_say():
    assert DOCUMENT.read_text("utf-8") == make_document(), "run ./build.sh reference"


@pytest.mark.parametrize("has_row", [True, False])
def test_a_public_argument_without_its_row_is_an_error(monkeypatch, has_row):
    @dataclass
    class Added:
        """Something new."""

        wait_s: float

    if has_row:
        Added.__doc__ += "\n\n        Args:\n            wait_s: seconds to wait.\n        "
    monkeypatch.setattr(tiny_dancer, "Added", Added, raising=False)
    monkeypatch.setattr(tiny_dancer, "__all__", [*tiny_dancer.__all__, "Added"])
    if has_row:
        assert "| `wait_s` | needed | seconds to wait. |" in list(write_python())
    else:
        with pytest.raises(UndescribedError, match=r"Added\(wait_s\)"):
            list(write_python())

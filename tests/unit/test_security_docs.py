"""docs/security.md names a test for each bound, and each of them is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/security.md").read_text()


def test_every_test_that_is_named_exists():
    named = re.findall(r"`(tests/\S+?\.py)::(\w+)`", TEXT)
    assert len(named) > 15
    for file, test in named:
        assert re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text(), re.M), (file, test)


def test_every_bound_names_a_test():
    rows = [row for row in TEXT.splitlines() if row.startswith("| ") and "is bounded by" not in row]
    bounds = [row for row in rows if row.count(" | ") == 2 and "tests/" not in row]
    trusted = TEXT[TEXT.index("## Who is trusted") : TEXT.index("## What a request")]
    assert [row for row in bounds if row not in trusted and "---" not in row] == []

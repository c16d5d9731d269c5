"""The examples of docs/integrations.md run as they stand, against a model on a loopback port."""

import contextlib
import io
import re

import pytest
from conftest import ROOT
from upstream import Upstream

EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
EXAMPLES = EXAMPLE.findall((ROOT / "docs/integrations.md").read_text("utf-8"))


@pytest.mark.filterwarnings("ignore:.*in beta")
@pytest.mark.parametrize(("code", "output"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_prints_what_stands_below_it(code, output, monkeypatch):
    for package in ("langchain", "langchain_openai", "litellm"):
        if re.search(rf"^from {package}\b", code, re.M):
            pytest.importorskip(package)
    up = Upstream()
    for name, value in (("BASE_URL", up.url), ("API_BASE", up.url), ("API_KEY", "k")):
        monkeypatch.setenv(f"OPENAI_{name}", value)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "example", "exec"), {"__name__": "example"})
    up.close()
    assert printed.getvalue() == output


def test_there_are_examples():
    assert len(EXAMPLES) > 3

"""A lock that does not install whole is installed package by package."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_package_of_the_lock_is_one_block_with_its_hashes():
    spec = importlib.util.spec_from_file_location("install_each", ROOT / "tools/install_each.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (ROOT / "requirements/integrations.txt").read_text("utf-8")
    names, blocks = zip(*module.split_lock(text), strict=True)
    assert list(names) == re.findall(r"^([\w.-]+)==", text, re.M)  # twice where Pythons differ
    assert "".join(blocks) == text
    assert all("--hash=sha256:" in block for block in blocks)

"""Which tests may run beside one another: files, but for those that share what they start."""

import socketserver
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TOGETHER = {"edge": "workerd", "hosts": "workerd", "stores": "workerd"}
"""Folders whose tests share the pack that is built for them, or one workerd."""

socketserver.TCPServer.request_queue_size = 256
"""Of every server a test starts. Past the five of the library Linux answers with cookies, and a
connection that then finds no place is reset: a hundred streams at once lost one now and then."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its group, for pytest-xdist's `--dist loadgroup`."""
    for item in items:
        file = item.path.relative_to(TESTS)
        group = TOGETHER.get(file.parts[0], file.as_posix())
        item.add_marker(pytest.mark.xdist_group(group))

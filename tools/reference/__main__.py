"""Write docs/api.md:  PYTHONPATH=tools .venv/bin/python -m reference  (`./build.sh reference`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .http import write_http
from .javascript import write_javascript
from .python import write_python

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "api.md"
HEAD: Final = """\
# Reference

Every public name of the Python package, every URL of the gateway and every export of the npm
package. `./build.sh reference` writes this page from signatures, docstrings, routes and type
declarations, and a test holds it to them: an argument without a description is an error.

- [Python](#python): `Router`, what goes in and out, settings with their defaults, policies,
  history, bundles, the gateway's settings
- [HTTP](#http)
- [JavaScript](#javascript)
"""


def make_document() -> str:
    """The whole page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield HEAD
    yield "# Python"
    yield ""
    yield from write_python()
    yield "# HTTP"
    yield ""
    yield "[gateway.md](gateway.md) describes settings, headers and bodies. `key` says whose key is"
    yield "needed, where keys are configured."
    yield ""
    yield from write_http()
    yield "# JavaScript"
    yield ""
    yield from write_javascript()


if __name__ == "__main__":
    DOCUMENT.write_text(make_document(), encoding="utf-8")

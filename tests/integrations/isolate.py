"""A Worker in real workerd that asks AI SDK's models."""

from pathlib import Path

from conftest import ROOT
from edge.library import ENTRY, lay_out
from edge.workerd import Local
from hosts.conftest import find_node
from upstream import Upstream


def ask_in_workerd(packages: Path, folder: Path, small: Upstream, big: Upstream) -> str:
    """What the Worker told.

    Args:
        packages: folder with the SDK's node_modules.
        folder: where the upload goes.
        small: the light model.
        big: the powerful one.
    """
    upload = lay_out(ROOT / "tests/integrations/ai_sdk/workerd.mjs", folder / "upload", packages)
    node = find_node()
    assert node, "Node 22.12 is needed: ./build.sh setup"
    with Local(node, folder / "d1", upload, "--entry", ENTRY) as worker:
        answer = worker.ask("/", {"small": small.url, "big": big.url})
    assert answer.status == 200, answer.text
    return answer.text

"""What the gateway's core loads."""

import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "py"
THIRD_PARTY = """
import sys
from tiny_dancer.gateway import *
print(*sorted({name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)))
"""


def test_the_core_needs_the_standard_library_alone():
    done = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(PACKAGE)!r}){THIRD_PARTY}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["__main__", "tiny_dancer"]

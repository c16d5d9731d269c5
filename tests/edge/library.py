"""A Worker that imports the npm package, laid out as it is uploaded."""

import os
import shutil
import subprocess
from pathlib import Path

from edge.workerd import ROOT

LIBRARY = ROOT / "web/router"
BUNDLE = ("--bundle", "--format=esm", "--conditions=workerd,worker,browser", "--log-level=error")
EXTERNAL = ("--external:*.wasm", "--external:*.bin", "--external:node:*")
ENTRY = "worker.mjs"


def lay_out(entry: Path, folder: Path, packages: Path = ROOT) -> Path:
    """Bundle an entry as wrangler does, and put what it imports beside it.

    Args:
        entry: a module.
        folder: where the upload goes.
        packages: folder with the node_modules that it takes packages from.
    """
    command = [ROOT / "node_modules/.bin/esbuild", entry, *BUNDLE, *EXTERNAL]
    done = subprocess.run(
        [*map(str, command), f"--outfile={folder / ENTRY}"],
        env={**os.environ, "NODE_PATH": str(packages / "node_modules")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for pattern in ("*.wasm", "*.bin", "wasm/*.wasm"):
        for file in (LIBRARY / "runtime").glob(pattern):
            shutil.copy(file, folder)
    return folder

"""What benches need of one revision of this repository, in a folder of its own.

wheel.whl           the package for Pyodide
py                  its sources, for CPython
kernel.wasm, glue   the kernel, and the modules by which Python reaches it
model.safetensors   the bundle that ships with it
image               the same as its kernel takes it; of the working tree only
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TREES = ROOT / "build/bench"


def commit_of(revision: str) -> str:
    """The full hash that a revision names.

    Raises:
        SystemExit: there is none of this name.
    """
    name = f"{revision}^{{commit}}"
    found = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", name],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if found.returncode:
        raise SystemExit(f"bench: {revision}: git knows no such revision here")
    return found.stdout.strip()


def checked_out(commit: str) -> Path:
    """The files of a commit under build/, written where they are not there yet."""
    tree = TREES / commit[:12]
    if not (tree / "pyproject.toml").exists():
        tree.mkdir(parents=True, exist_ok=True)
        packed = ["git", "archive", "--format=tar", commit]
        files = subprocess.run(packed, cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", str(tree)], input=files, check=True)
    return tree


def gather(tree: Path, folder: Path) -> Path:
    """The folder, filled from a working tree."""
    folder.mkdir(parents=True)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=tree, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    wheel.rename(folder / "wheel.whl")
    data = tree / "py/tiny_dancer/data"
    shutil.copytree(tree / "py", folder / "py", ignore=shutil.ignore_patterns("__pycache__"))
    (glue,) = [*tree.glob("pack/glue.mjs"), *tree.glob("web/router/src/glue.mjs")]
    (folder / "glue").mkdir()
    for module in glue.parent.glob("*.mjs"):
        shutil.copy(module, folder / "glue")
    shutil.copy(data / "kernel.wasm", folder / "kernel.wasm")
    shutil.copy(data / "default.safetensors", folder / "model.safetensors")
    if tree == ROOT:
        from tiny_dancer.model import image, read_bundle

        bundle = read_bundle(folder / "model.safetensors")
        (folder / "image").write_bytes(image(bundle, 512))
    return folder

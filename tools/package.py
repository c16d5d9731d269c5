"""Builds wheel and sdist into a folder, and holds them to what is promised of them.

    python tools/package.py DIST

Both are built twice, from two folders, and must be the same bytes; the wheel built from the
unpacked sdist must be the wheel.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def build(source: Path, target: Path) -> dict[str, bytes]:
    """The packages of a folder of sources by name; hatchling takes a fixed date."""
    environment = {k: v for k, v in os.environ.items() if k != "SOURCE_DATE_EPOCH"}
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    subprocess.run(command, cwd=source, env=environment, check=True, stdout=subprocess.DEVNULL)
    return {path.name: path.read_bytes() for path in sorted(target.iterdir())}


def rebuild(sdist: bytes, folder: Path) -> dict[str, bytes]:
    """The packages that an sdist gives, unpacked in the folder."""
    archive = folder / "sdist.tar.gz"
    archive.write_bytes(sdist)
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "sources", filter="data")
    (source,) = (folder / "sources").iterdir()
    return build(source, folder / "again")


def main(target: Path) -> None:
    """Build, compare, and print names, sizes and hashes."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = build(ROOT, folder / "first")
        (sdist,) = (data for name, data in packages.items() if name.endswith(".tar.gz"))
        if rebuild(sdist, folder) != packages:
            sys.exit("package: the sdist does not give the packages it is one of")
    for name, data in packages.items():
        (target / name).write_bytes(data)
        print(f"{name}  {len(data):,} bytes  sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

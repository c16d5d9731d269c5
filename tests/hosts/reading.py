"""What the one reader makes of every file of a folder: the same in each Python and in the tab."""

import hashlib
import json
import sys
from pathlib import Path

from tiny_dancer.adapt import read_labels, read_prices
from tiny_dancer.errors import InvalidInputError
from tiny_dancer.tables import Table


def read(path: Path) -> object:
    """What was read of a file, from its bytes as a page hands them over, or what was said of it."""
    data = path.read_bytes()
    try:
        if path.parent.name == "prices":
            return read_prices(path)
        if path.parent.name == "candidates":
            return [row.values for row in Table(data, path.name, ("id", "created_at"))]
        labels = read_labels(data, name=path.name)
    except InvalidInputError as error:
        return str(error).replace(f"{path.parent}/", "")
    prompts = "\0".join(labels.prompts).encode("utf-8", "surrogatepass")
    hashes = hashlib.sha256(prompts).hexdigest(), labels.digest
    return [labels.models, labels.quality, labels.subjects, labels.weights, *hashes]


def main(folder: str) -> str:
    """What was read of each file, as JSON."""
    paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    found = {f"{path.parent.name}/{path.name}": read(path) for path in paths}
    return json.dumps(found, sort_keys=True)


if __name__ == "__main__":
    print(main(sys.argv[1]))

"""The vectors of every bench: of a query and of 1,000 candidates, the same each time."""

import random
from array import array
from pathlib import Path

from calls import DIMENSION, SIZES


def write_numbers(path: Path) -> Path:
    """The path of a file of float32, 1,001 vectors."""
    generator = random.Random(13)
    numbers = (generator.gauss(0, 1) for _ in range((max(SIZES) + 1) * DIMENSION))
    path.write_bytes(array("f", numbers).tobytes())
    return path

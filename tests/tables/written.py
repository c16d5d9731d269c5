"""Writes the odd files to a folder, by kind."""

from pathlib import Path

from tables.odd_file import HUGE
from tables.odd_labels import FILES
from tables.odd_others import CANDIDATE_FILES, PRICE_FILES


def write_files(folder: Path, most: int = HUGE // 2) -> int:
    """Number of files written; those of more bytes than `most` are left out."""
    kinds = {"labels": FILES, "prices": PRICE_FILES, "candidates": CANDIDATE_FILES}
    count = 0
    for kind, files in kinds.items():
        (folder / kind).mkdir(parents=True)
        for odd in files:
            if len(odd.data) <= most:
                (folder / kind / odd.name).write_bytes(odd.data)
                count += 1
    return count

"""What a file is that is not what was asked for, told by how it begins."""

from typing import Final

HEAD: Final = 512
"""Bytes from its beginning that are enough to tell."""

_BEGINNINGS: Final = {
    b"version https://git-lfs": "a Git LFS pointer, not the file itself (git lfs pull)",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"Obj\x01": "an Avro file",
    b"SQLite format 3\0": "a SQLite database",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\0": "an xz file",
    b"(\xb5/\xfd": "a zstd file",
    b"\x93NUMPY": "a NumPy file",
    b"\0asm": "a WebAssembly module",
}
_PAGES: Final = {
    b"<!doctype html": "an HTML page, not the file itself",
    b"<html": "an HTML page, not the file itself",
    b"<?xml": "an XML file",
}


def recognize(head: bytes) -> str | None:
    """What the file is, such as "an HTML page"; None where it is nothing that is known here.

    Args:
        head: at least its first `HEAD` bytes, or all of them.
    """
    for beginning, what in _BEGINNINGS.items():
        if head.startswith(beginning):
            return what
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for beginning, what in _PAGES.items():
        if text.startswith(beginning):
            return what
    if head[8:9] == b"{" and b'"__metadata__"' in head[:HEAD]:
        return "a bundle"
    return None


def encoding_of(head: bytes) -> str | None:
    """UTF-16 or UTF-32 where the file begins like a text of it; else None."""
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    pairs = len(head) // 2
    if pairs >= 4 and max(head[0::2].count(0), head[1::2].count(0)) > pairs // 2:
        return "UTF-16"
    return None

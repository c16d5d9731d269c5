"""A file of labels as people have them, made here: what it must give, or what must be said."""

import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass

ROWS = (
    ("What is 2 + 2?", 1.0, 1.0),
    ('He said: "Prove it,\nthen rest."', 0.0, 1.0),
    ("Größe?", 0.5, 1.0),
)
PROMPTS = tuple(row[0] for row in ROWS)
HUGE = 1 << 24
PLAIN = (
    "prompt,mini,large\nWhat is 2 + 2?,1,1\n"
    '"He said: ""Prove it,\nthen rest.""",0,1\nGröße?,0.5,1\n'
)
OBJECTS = [dict(zip(("prompt", "mini", "large"), row, strict=True)) for row in ROWS]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in OBJECTS)


@dataclass(frozen=True)
class Odd:
    """A file.

    Attributes:
        name: its name.
        data: its content.
        rows: prompt and qualities that must be read; None where labels refuse it.
        says: what must be said after the file's name where it is refused.
        prompts: what `score` must read, beside the rows that it names with the same words; None
            where it refuses the file.
        models: whose qualities they are.
    """

    name: str
    data: bytes
    rows: tuple[tuple[str, float, float], ...] | None = None
    says: str = ""
    prompts: tuple[str, ...] | None = None
    models: tuple[str, ...] = ("mini", "large")


def right(name, data, rows=ROWS, models=("mini", "large")):
    raw = data.encode() if isinstance(data, str) else data
    return Odd(name, raw, rows, "", tuple(row[0] for row in rows), models)


def wrong(name, data, says, prompts=None):
    raw = data.encode() if isinstance(data, str) else data
    return Odd(name, raw, None, says, prompts)


def line(**values):
    return json.dumps(values, ensure_ascii=False) + "\n"


def csv_of(*rows, header="prompt,mini,large"):
    return "".join(f"{row}\n" for row in (header, *rows))


def changed(text, **names):
    """The same text under other delimiters or line ends, values untouched where they have none."""
    for old, new in names.items():
        text = text.replace({"comma": ",", "end": "\n"}[old], new)
    return text


SIMPLE = (("a", 1.0, 1.0), ("b", 0.0, 1.0))
SIMPLE_CSV = "prompt,mini,large\na,1,1\nb,0,1\n"
ONE = (("a", 1.0, 1.0),)


def packed_workbook() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


def lines_packed() -> bytes:
    """Lines that do not repeat, so that they stay long when packed."""
    digests = (hashlib.sha256(bytes([i % 256, i // 256])).hexdigest() for i in range(2_000))
    return gzip.compress(
        "".join(line(prompt=d, mini=1, large=1) for d in digests).encode(), mtime=0
    )


def damaged() -> bytes:
    packed = bytearray(lines_packed())
    packed[10:40] = b"\xff" * 30
    return bytes(packed)


def bundle_like() -> bytes:
    header = json.dumps({"__metadata__": {"format": "x"}}).encode()
    return len(header).to_bytes(8, "little") + header

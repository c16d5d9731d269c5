"""Writes the packed Unicode table: unicode_tables.h for the kernel, data/unicode.bin for the twin.

    python wasm_kernels/make_unicode.py           writes both files
    python wasm_kernels/make_unicode.py --check   exit 1 unless both files are what would be written

The source is the package `unicodedata2`, at the one version named below. What the table holds per
code point is what BERT's uncased normaliser and pre-tokeniser do to it (docs/kernel.md section 5):
a class and, where the code point becomes something else, the code points that replace it.

Packed format. All numbers are LEB128 varints; `zigzag` is (n << 1) ^ (n >> 63).

    bytes 0-3   major, minor, patch of the Unicode version, 0
    blocks      number of blocks of 64 code points that the table covers (LIMIT / 64)
    mixed       how many of them are not of one class without replacements
    text        bytes of UTF-8 of all replacements
    runs        number of class runs, each
                  length << 3 | class
    groups      number of replacement groups, each
                  gap << 3 | kind    gap: code points between the last source and this group's first
                  count              sources of the group
                  targets            by kind; each stored as zigzag difference to the one before
      kind 0 SAME    sources step 1, one target for all
      kind 1 SHIFT   sources step 1, targets step 1, only the first stored
      kind 2 PAIRS   sources step 2, targets step 2, only the first stored
      kind 3 LIST    sources step 1, every target stored
      kind 4 SEQUENCE  one source, `count` is the number of its targets, every target stored

Not in the table: Hangul syllables (a class run of WORD covers them; the reader decomposes them) and
code points from LIMIT on, for which `above` is the rule, repeated in unicode.c and unicode.py.
"""

import argparse
import sys
from pathlib import Path

import unicodedata2

VERSION = (16, 0, 0)
WORD, SPACE, PUNCT, DROP, ALONE = range(5)
SAME, SHIFT, PAIRS, LIST, SEQUENCE = range(5)
LIMIT = 0x32400
HANGUL = range(0xAC00, 0xD7A4)

SPACES = {0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
SPACES |= set(range(0x2000, 0x200B))
IDEOGRAPHS = (
    range(0x3400, 0x4DC0),
    range(0x4E00, 0xA000),
    range(0xF900, 0xFB00),
    range(0x20000, 0x2A6E0),
    range(0x2A700, 0x2B740),
    range(0x2B740, 0x2B820),
    range(0x2B920, 0x2CEB0),  # from 2B920, not 2B820: so it is in BERT, and vocabularies follow it
    range(0x2F800, 0x2FA20),
)

# Lower case comes from Python's own tables, which are of Unicode 14.0 (3.11) or later; these are
# the mappings that 15.0 to 16.0 added, so that every Python gives the same answer.
LOWER = {0x1C89: 0x1C8A, 0xA7CB: 0x0264, 0xA7CC: 0xA7CD, 0xA7DA: 0xA7DB, 0xA7DC: 0x019B}
LOWER |= {cp: cp + 0x20 for cp in range(0x10D50, 0x10D66)}

ROOT = Path(__file__).resolve().parent
HEADER = ROOT / "unicode_tables.h"
BINARY = ROOT.parent / "py" / "tiny_dancer" / "data" / "unicode.bin"


def lower(cp: int) -> list[int]:
    """Code points of the lower case of one code point, in Unicode 16.0."""
    if unicodedata2.category(chr(cp)) == "Cn":
        return [cp]
    return [LOWER[cp]] if cp in LOWER else [ord(c) for c in chr(cp).lower()]


def is_punctuation(cp: int) -> bool:
    """Whether BERT splits words at this code point: ASCII that is no letter or digit, or P*."""
    if cp < 0x80:
        return 33 <= cp < 127 and not chr(cp).isalnum()
    return unicodedata2.category(chr(cp)).startswith("P")


def classify(cp: int) -> tuple[int, tuple[int, ...]]:
    """Class of a code point and what replaces it, () for nothing."""
    if cp in SPACES:
        return SPACE, ()
    if cp in (0, 0xFFFD) or unicodedata2.category(chr(cp)) in ("Cc", "Cf", "Co", "Cs"):
        return DROP, ()
    text: list[int] = []
    for char in unicodedata2.normalize("NFD", chr(cp)):
        if unicodedata2.category(char) != "Mn":
            text += lower(ord(char))
    if not text:
        return DROP, ()
    replacement = () if text == [cp] else tuple(text)
    if any(cp in block for block in IDEOGRAPHS):
        return ALONE, replacement
    if any(is_punctuation(c) or c in SPACES for c in text):
        if len(text) != 1 or text[0] in SPACES:
            raise ValueError(f"U+{cp:04X} becomes a word and a mark: the classes cannot say that")
        return PUNCT, replacement
    return WORD, replacement


def above(cp: int) -> int:
    """Class of a code point from LIMIT on; none of them is replaced."""
    tags = cp == 0xE0001 or 0xE0020 <= cp < 0xE0080 or 0xE0100 <= cp < 0xE01F0
    private = cp >= 0xF0000 and cp & 0xFFFF < 0xFFFE
    return DROP if tags or private else WORD


def varint(number: int) -> bytes:
    """LEB128 of a number that is not negative."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def zigzag(number: int) -> bytes:
    """LEB128 of a signed number, small ones short."""
    return varint(number << 1 if number >= 0 else -number * 2 - 1)


def pack_classes(classes: list[int]) -> bytes:
    """Number of runs, then the runs."""
    runs: list[list[int]] = []
    for cls in classes:
        if runs and runs[-1][1] == cls:
            runs[-1][0] += 1
        else:
            runs.append([1, cls])
    return varint(len(runs)) + b"".join(varint(n << 3 | cls) for n, cls in runs)


Mapping = list[tuple[int, tuple[int, ...]]]


def run_length(mapping: Mapping, start: int, step: int, target_step: int) -> int:
    """How many entries from `start` on go on by these steps."""
    end = start + 1
    while (
        end < len(mapping)
        and mapping[end][0] - mapping[end - 1][0] == step
        and len(mapping[end][1]) == 1
        and mapping[end][1][0] - mapping[end - 1][1][0] == target_step
    ):
        end += 1
    return end - start


def next_group(mapping: Mapping, start: int) -> tuple[int, int]:
    """Kind and number of entries of the group that begins at `start`."""
    if len(mapping[start][1]) > 1:
        return SEQUENCE, 1
    steps = {SAME: (1, 0), SHIFT: (1, 1), PAIRS: (2, 2)}
    kind = max(steps, key=lambda k: run_length(mapping, start, *steps[k]))
    length = run_length(mapping, start, *steps[kind])
    if length > 3:
        return kind, length
    end = start + 1
    while (
        end < len(mapping)
        and mapping[end][0] == mapping[end - 1][0] + 1
        and len(mapping[end][1]) == 1
        and max(run_length(mapping, end, *steps[k]) for k in steps) <= 3
    ):
        end += 1
    return (LIST, end - start) if end - start >= length else (kind, length)


def pack_replacements(mapping: Mapping) -> bytes:
    """Number of groups, then the groups."""
    groups, body, at, source, target = 0, bytearray(), 0, -1, 0
    while at < len(mapping):
        kind, entries = next_group(mapping, at)
        texts = [text for _, text in mapping[at : at + entries]]
        targets = list(texts[0]) if kind == SEQUENCE else [text[0] for text in texts]
        body += varint((mapping[at][0] - source - 1) << 3 | kind) + varint(len(targets))
        for value in targets if kind in (LIST, SEQUENCE) else targets[:1]:
            body += zigzag(value - target)
            target = value
        target = targets[-1]
        source = mapping[at + entries - 1][0]
        at += entries
        groups += 1
    return varint(groups) + bytes(body)


def pack() -> bytes:
    """The packed table."""
    wrong = [cp for cp in range(LIMIT, 0x110000) if classify(cp) != (above(cp), ())]
    if wrong:
        raise ValueError(f"U+{wrong[0]:04X} needs an entry, but lies above the table")
    table = [(WORD, ()) if cp in HANGUL else classify(cp) for cp in range(LIMIT)]
    mapping = [(cp, text) for cp, (_, text) in enumerate(table) if text]
    texts = ["".join(map(chr, text)).encode() for _, text in mapping]
    if max(map(len, texts)) > 31:
        raise ValueError("a replacement is longer than an entry can say")
    blocks = [table[cp : cp + 64] for cp in range(0, LIMIT, 64)]
    mixed = sum(len(set(block)) > 1 or block[0][1] != () for block in blocks)
    head = bytes((*VERSION, 0)) + varint(len(blocks)) + varint(mixed) + varint(sum(map(len, texts)))
    return head + pack_classes([cls for cls, _ in table]) + pack_replacements(mapping)


def header(packed: bytes) -> str:
    """The C source that holds the packed table."""
    rows = [
        "  " + ",".join(map(str, packed[at : at + 32])) + "," for at in range(0, len(packed), 32)
    ]
    return "\n".join(
        [
            "/* Generated by wasm_kernels/make_unicode.py from unicodedata2 "
            + ".".join(map(str, VERSION))
            + ". Do not edit. */",
            "#include <stdint.h>",
            f"static const uint8_t uc_packed[{len(packed)}] = {{",
            *rows,
            "};",
            "",
        ]
    )


def main() -> int:
    """Writes or checks both files; the exit code."""
    parser = argparse.ArgumentParser(description="Packs the Unicode table of the kernel.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    if unicodedata2.unidata_version != ".".join(map(str, VERSION)):
        print(
            f"unicodedata2 is of Unicode {unicodedata2.unidata_version}; the table needs 16.0.0",
            file=sys.stderr,
        )
        return 2
    packed = pack()
    for path, content in ((HEADER, header(packed).encode()), (BINARY, packed)):
        if not check:
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            print(f"{path.name} is not what make_unicode.py gives", file=sys.stderr)
            return 1
    print(f"Unicode 16.0.0, {len(packed)} bytes packed")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Where the project's clean-up and that of the `tokenizers` package part, and why.

    python tests/oracle/tokenizer_audit.py            writes the list into docs/tokenizer.md
    python tests/oracle/tokenizer_audit.py --check    exit 1 unless the list there is complete

Compared is "x", the code point, "y", for every code point: the words of `scoring.wordpiece` with
those of BertNormalizer and BertPreTokenizer.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import unicodedata2
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from tiny_dancer.model.spec import CONTINUATION
from tiny_dancer.scoring.twin.unicode import DROP, SPACE, unicode_table
from tiny_dancer.scoring.twin.wordpiece import words

PAGE = Path(__file__).parents[2] / "docs" / "tokenizer.md"
BEGIN = "<!-- written by tests/oracle/tokenizer_audit.py -->"
END = "<!-- end -->"

NEW_MARK = "a mark (Mn) in 16.0, so dropped here; the package keeps it"
NEW_PUNCTUATION = "punctuation (P*) in 16.0, so a word here; the package takes it for a letter"
NEW_FORMAT = "a format character (Cf) in 16.0, so dropped here; the package keeps it"
MARK_NO_MORE = "a mark (Mn) in older versions, so dropped by the package; kept here (Mc in 16.0)"
PUNCTUATION_NO_MORE = "punctuation in older versions, so a word for the package; not in 16.0"
DECOMPOSITION = "has a canonical decomposition in 16.0 that the package does not know"
LOWER_CASE = "unassigned in 16.0; the package knows its lower case from a later version"
REASONS = (
    NEW_MARK,
    NEW_PUNCTUATION,
    NEW_FORMAT,
    MARK_NO_MORE,
    PUNCTUATION_NO_MORE,
    DECOMPOSITION,
    LOWER_CASE,
)

_NORMALIZER = normalizers.BertNormalizer(lowercase=True)
_SPLITTER = pre_tokenizers.BertPreTokenizer()


def package_words(text: str) -> list[str]:
    """The cleaned words of a text by the package."""
    return [word for word, _ in _SPLITTER.pre_tokenize_str(_NORMALIZER.normalize_str(text))]


def project_words(text: str) -> list[str]:
    """The cleaned words of a text by the project."""
    return [word for word, _ in words(text)]


def package_tokenizer(vocabulary: Iterable[tuple[str, int]], unknown: str) -> Tokenizer:
    """The package's tokeniser over the entries of a bundle: no special tokens, no cut."""
    ids = {
        ("##" if flags & CONTINUATION else "") + text: i
        for i, (text, flags) in enumerate(vocabulary)
    }
    model = models.WordPiece(vocab=ids, unk_token=unknown, max_input_chars_per_word=100)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = _NORMALIZER
    tokenizer.pre_tokenizer = _SPLITTER
    return tokenizer


def reason(cp: int, ours: list[str], theirs: list[str]) -> str:
    """Why a code point differs.

    Raises:
        ValueError: for none of the reasons known.
    """
    category, alone = unicodedata2.category(chr(cp)), ["x", chr(cp), "y"]
    decomposed = unicodedata2.normalize("NFD", chr(cp))
    if category.startswith("P") and ours == alone and len(theirs) == 1:
        return NEW_PUNCTUATION
    if not category.startswith("P") and theirs == alone:
        return PUNCTUATION_NO_MORE
    if category == "Mn" and ours == ["xy"]:
        return NEW_MARK
    if category == "Cf" and ours == ["xy"]:
        return NEW_FORMAT
    if category == "Mc" and theirs == ["xy"]:
        return MARK_NO_MORE
    if decomposed != chr(cp) and theirs == [f"x{chr(cp)}y"]:
        return DECOMPOSITION
    if category == "Cn" and ours == [f"x{chr(cp)}y"] and theirs != ours:
        return LOWER_CASE
    raise ValueError(f"U+{cp:04X} ({category}): here {ours}, in the package {theirs}")


def differences() -> dict[str, list[int]]:
    """The code points that differ, by reason."""
    found: dict[str, list[int]] = {text: [] for text in REASONS}
    for cp in range(0x110000):
        if not 0xD800 <= cp < 0xE000:
            text = f"x{chr(cp)}y"
            ours, theirs = project_words(text), package_words(text)
            if ours != theirs:
                found[reason(cp, ours, theirs)].append(cp)
    return found


def reordered() -> list[int]:
    """Code points of which two in a row the package may swap.

    NFD sorts marks by their combining class. Nearly all such marks are of category Mn and dropped;
    these are not, and the project leaves them as they were written.
    """
    entry = unicode_table().entry
    found = []
    for cp in range(0x110000):
        cls, text = entry(cp)
        if cls not in (SPACE, DROP) and any(map(unicodedata2.combining, text)):
            found.append(cp)
    return found


def ranges(points: Iterable[int]) -> str:
    """Code points in the form that `parsed` reads: U+0041, U+0061–007A."""
    runs: list[list[int]] = []
    for cp in points:
        if runs and runs[-1][1] == cp - 1:
            runs[-1][1] = cp
        else:
            runs.append([cp, cp])
    return ", ".join(f"U+{a:04X}" + (f"–{b:04X}" if b > a else "") for a, b in runs)


def parsed(text: str) -> frozenset[int]:
    """Every code point named in a text by `ranges`."""
    found: set[int] = set()
    for first, last in re.findall(r"U\+([0-9A-F]{4,6})(?:–([0-9A-F]{4,6}))?", text):
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)


def listing() -> str:
    """The part of docs/tokenizer.md that is generated."""
    by_reason = differences()
    total = sum(map(len, by_reason.values()))
    lines = [BEGIN, "", f"{total} code points differ on their own:", ""]
    lines += ["| reason | number | code points |", "| --- | ---: | --- |"]
    lines += [f"| {text} | {len(cps)} | {ranges(cps)} |" for text, cps in by_reason.items() if cps]
    lines += ["", f"In pairs may differ: {ranges(reordered())}.", "", END]
    return "\n".join(lines)


@cache
def excluded() -> tuple[frozenset[int], frozenset[int]]:
    """What docs/tokenizer.md lists: code points that differ, and those that may be swapped."""
    alone, _, pairs = _listed(PAGE.read_text(encoding="utf-8")).partition("In pairs")
    return parsed(alone), parsed(pairs)


def comparable(text: str) -> bool:
    """Whether the page promises equal tokens for a text."""
    alone, pairs = excluded()
    points = list(map(ord, text))
    return alone.isdisjoint(points) and sum(cp in pairs for cp in points) < 2


def _listed(page: str) -> str:
    begin, end = page.index(BEGIN), page.index(END) + len(END)
    return page[begin:end]


def main() -> int:
    """Write or check the list; the exit code."""
    parser = argparse.ArgumentParser(description="Lists where clean-up differs from tokenizers'.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    page, fresh = PAGE.read_text(encoding="utf-8"), listing()
    if not check:
        PAGE.write_text(page.replace(_listed(page), fresh), encoding="utf-8")
    elif _listed(page) != fresh:
        print(f"{PAGE.name} is not what tokenizer_audit.py gives", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

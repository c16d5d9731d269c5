"""The corpus: every hand-written prompt, both sides of every pair, and seeded variants of them.

``corpus()`` gives the same prompts on CPython 3.11 to 3.14: chance comes from
``random.Random(SEED).random()`` alone, which Python promises to keep, and nothing asks the
interpreter's Unicode tables about a character whose answer has changed between versions.

    python tests/corpus/make_corpus.py             # the whole corpus as JSON lines
    python tests/corpus/make_corpus.py --counts    # the table in README.md
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

SEED = 20_260_131
LIMIT = 65_536
"""Bytes of UTF-8 around which the longest prompts are built."""

HERE = Path(__file__).parent
Row = dict[str, str]

# Name, first and last code point. Unassigned points inside a block are meant: they must be
# survived too, and a later Unicode may assign them.
BLOCKS = [
    ("ascii", 0x20, 0x7E),
    ("c0 controls", 0x00, 0x1F),
    ("c1 controls and latin-1", 0x80, 0xFF),
    ("latin extended", 0x100, 0x24F),
    ("ipa and modifiers", 0x250, 0x2FF),
    ("combining marks", 0x300, 0x36F),
    ("greek and coptic", 0x370, 0x3FF),
    ("cyrillic", 0x400, 0x52F),
    ("armenian", 0x530, 0x58F),
    ("hebrew", 0x590, 0x5FF),
    ("arabic", 0x600, 0x6FF),
    ("syriac and thaana", 0x700, 0x7BF),
    ("devanagari", 0x900, 0x97F),
    ("bengali and gurmukhi", 0x980, 0xA7F),
    ("tamil", 0xB80, 0xBFF),
    ("malayalam", 0xD00, 0xD7F),
    ("thai and lao", 0xE00, 0xEFF),
    ("tibetan", 0xF00, 0xFFF),
    ("myanmar", 0x1000, 0x109F),
    ("georgian", 0x10A0, 0x10FF),
    ("hangul jamo", 0x1100, 0x11FF),
    ("ethiopic", 0x1200, 0x137F),
    ("cherokee", 0x13A0, 0x13FF),
    ("khmer", 0x1780, 0x17FF),
    ("mongolian", 0x1800, 0x18AF),
    ("latin extended additional", 0x1E00, 0x1EFF),
    ("greek extended", 0x1F00, 0x1FFF),
    ("general punctuation", 0x2000, 0x206F),
    ("currency and letterlike", 0x20A0, 0x214F),
    ("number forms and arrows", 0x2150, 0x21FF),
    ("mathematical operators", 0x2200, 0x22FF),
    ("enclosed alphanumerics", 0x2460, 0x24FF),
    ("box drawing", 0x2500, 0x257F),
    ("cjk radicals", 0x2E80, 0x2FDF),
    ("cjk symbols and kana", 0x3000, 0x30FF),
    ("cjk compatibility", 0x3300, 0x33FF),
    ("cjk extension a", 0x3400, 0x4DBF),
    ("cjk ideographs", 0x4E00, 0x9FFF),
    ("hangul syllables", 0xAC00, 0xD7A3),
    ("lone surrogates", 0xD800, 0xDFFF),
    ("private use", 0xE000, 0xF8FF),
    ("cjk compatibility ideographs", 0xF900, 0xFAFF),
    ("presentation forms", 0xFB00, 0xFDFF),
    ("variation selectors", 0xFE00, 0xFE0F),
    ("half and full width", 0xFF00, 0xFFEF),
    ("specials", 0xFFF0, 0xFFFF),
    ("linear b", 0x10000, 0x100FF),
    ("gothic and deseret", 0x10330, 0x1044F),
    ("cuneiform", 0x12000, 0x123FF),
    ("musical symbols", 0x1D100, 0x1D1FF),
    ("mathematical alphanumerics", 0x1D400, 0x1D7FF),
    ("regional indicators", 0x1F1E6, 0x1F1FF),
    ("emoji", 0x1F300, 0x1FAFF),
    ("cjk extension b", 0x20000, 0x2A6DF),
    ("cjk extension g", 0x30000, 0x3134F),
    ("tags", 0xE0000, 0xE007F),
    ("supplementary variation selectors", 0xE0100, 0xE01EF),
    ("end of the last plane", 0x10FF00, 0x10FFFF),
]

# One at a time, these have broken tokenisers, terminals or parsers before.
SPECKS = (
    "\x00\x07\x1b\x7f\x85\xad\u0301\u0345\u034f\u05c4\u0600\u0e33\u0f71\u115f\u1160"
    "\u180e\u200b\u200d\u200f\u2028\u202e\u2066\u20dd\u2060\u3164\ud800\udbff\udc00"
    "\udfff\ue000\ufb01\ufdd0\ufe0f\ufeff\uffff\U0001d7d9\U0001f3fb\U000e0001\U0010ffff"
)


T = TypeVar("T")


class Dice:
    """Seeded chance in which every draw is one call of ``random()``."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1, uniform but for rounding."""
        return int(self._random() * n)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + self.below(high - low + 1)

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]


def utf8(text: str) -> bytes:
    """The UTF-8 of text, in which a lone surrogate has its three bytes."""
    return text.encode("utf-8", "surrogatepass")


def rejoined(text: str) -> str:
    """The text with each high surrogate that meets a low one as the character they mean.

    Such a pair can't be told from the character in JSON or in a JavaScript string.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def prompts() -> list[Row]:
    """The hand-written prompts: id, kind, lang, script, prompt."""
    return _rows("prompts.jsonl")


def pairs() -> list[Row]:
    """The marked pairs: id, kind, easy, hard."""
    return _rows("pairs.jsonl")


def corpus() -> list[Row]:
    """All prompts as rows of id, kind, lang, script and prompt; the generated have ``how`` as well.

    First the hand-written ones, then the pairs ("pair-eql-01-easy", "pair-eql-01-hard"), then the
    variants ("gen-0001"). No two prompts are equal, except that rows with ``how`` "duplicate"
    repeat an earlier prompt on purpose.
    """
    written = prompts()
    sides = [
        {
            "id": f"{pair['id']}-{side}",
            "kind": pair["kind"],
            "lang": "en",
            "script": "Latn",
            "prompt": pair[side],
        }
        for pair in pairs()
        for side in ("easy", "hard")
    ]
    generated = [
        {
            "id": f"gen-{number:04d}",
            "kind": "generated",
            "lang": "und",
            "script": "Zyyy",
            "how": how,
            "prompt": prompt,
        }
        for number, (how, prompt) in enumerate(_variants(written + sides), 1)
    ]
    return written + sides + generated


def counts(rows: Iterable[Row]) -> str:
    """Markdown: how many rows there are of each kind and of each language, generated ones apart."""
    rows = list(rows)
    by_hand = [row for row in rows if row["kind"] != "generated"]
    sections = [
        ("kind", Counter(row["kind"] for row in by_hand)),
        ("language", Counter(row["lang"] for row in by_hand)),
        ("generated by", Counter(row["how"] for row in rows if row["kind"] == "generated")),
    ]
    lines = [f"{len(rows)} prompts, {len(by_hand)} of them written by hand."]
    for title, counter in sections:
        lines += ["", f"| {title} | prompts |", "| --- | ---: |"]
        ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
        lines += [f"| {name} | {count} |" for name, count in ordered]
    return "\n".join(lines)


def _rows(name: str) -> list[Row]:
    # Not splitlines(): it would also cut at U+2028 and U+0085 inside a prompt.
    lines = (HERE / name).read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def _variants(rows: list[Row]) -> Iterator[tuple[str, str]]:
    """How each variant was made, and the variant."""
    dice = Dice(SEED)
    everything = [row["prompt"] for row in rows]
    words = [text for text in everything if text.count(" ") > 2]
    tame = [row["prompt"] for row in rows if row["kind"] != "hostile_unicode" and row["prompt"]]
    short = [text for text in tame if len(text) < 600]
    recipes: list[tuple[str, int, Callable[[], str]]] = [
        ("truncation", 50, lambda: _truncation(dice, dice.pick(everything))),
        ("concatenation", 40, lambda: _concatenation(dice, everything)),
        ("case", 30, lambda: _case(dice, dice.pick(tame))),
        ("whitespace", 30, lambda: _whitespace(dice, dice.pick(words))),
        ("speck", 35, lambda: _specked(dice, dice.pick(everything))),
        ("typing mistake", 15, lambda: _mistyped(dice, dice.pick(words))),
        ("shuffled words", 12, lambda: _shuffled(dice, dice.pick(words))),
        ("long word", 8, lambda: _long_word(dice, dice.pick(short))),
        ("one block", 40, lambda: _characters(dice, [dice.pick(BLOCKS)])),
        ("many blocks", 25, lambda: _characters(dice, BLOCKS)),
        ("bytes", 24, lambda: _from_bytes(dice)),
        ("repetition", 12, lambda: _repeated(dice.pick(short), dice.pick([" ", "\n", ""]))),
    ]
    seen = set(everything)
    for how, count, make in recipes:
        for _ in range(count):
            prompt = rejoined(make())
            while prompt in seen:
                prompt = rejoined(make())
            seen.add(prompt)
            yield how, prompt
    filler = "\n\n".join(tame)
    for prompt in _at_the_limit(filler):
        yield "limit", prompt
    for _ in range(3):
        yield "duplicate", dice.pick(everything)


def _truncation(dice: Dice, text: str) -> str:
    cut = dice.below(len(text) + 1)
    return text[:cut] if dice.below(4) else text[cut:]


def _concatenation(dice: Dice, texts: list[str]) -> str:
    parts = [dice.pick(texts) for _ in range(dice.between(2, 4))]
    return dice.pick(["", " ", "\n\n", "\n---\n"]).join(parts)


def _case(dice: Dice, text: str) -> str:
    # Mappings that changed with Unicode 15 and 16 concern letters the tame prompts don't hold.
    change = dice.pick([str.upper, str.lower, str.swapcase, _alternating])
    return change(text)


def _alternating(text: str) -> str:
    return "".join(ch.upper() if at % 2 else ch.lower() for at, ch in enumerate(text))


def _whitespace(dice: Dice, text: str) -> str:
    gap = dice.pick(["", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2009", "\u3000", " \u200b"])
    edge = dice.pick(["", " ", "\n\n", "\ufeff"])
    return edge + text.replace(" ", gap) + edge


def _specked(dice: Dice, text: str) -> str:
    for _ in range(dice.between(1, 5)):
        at = dice.below(len(text) + 1)
        text = text[:at] + dice.pick(SPECKS) * dice.pick([1, 1, 1, 2, 40]) + text[at:]
    return text


def _mistyped(dice: Dice, text: str) -> str:
    for _ in range(max(1, len(text) // 30)):
        at = dice.below(len(text) - 1)
        text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


def _shuffled(dice: Dice, text: str) -> str:
    left = text.split(" ")
    return " ".join(left.pop(dice.below(len(left))) for _ in range(len(left)))


def _long_word(dice: Dice, text: str) -> str:
    letters = dice.pick(["abcdefghijklmnopqrstuvwxyz", "аеиоукмнрст", "的一是不了人", "0123456789"])
    word = "".join(dice.pick(letters) for _ in range(dice.pick([99, 100, 101, 257, 1000, 5000])))
    return f"{text} {word}?"


def _characters(dice: Dice, blocks: Sequence[tuple[str, int, int]]) -> str:
    def character() -> str:
        _, first, last = dice.pick(blocks)
        return chr(dice.between(first, last))

    return "".join(character() for _ in range(dice.pick([1, 2, 7, 40, 150, 400])))


def _from_bytes(dice: Dice) -> str:
    data = bytes(dice.below(256) for _ in range(2 * dice.between(1, 200)))
    read = dice.pick(["utf-8", "latin-1", "utf-16-le"])
    return data.decode(read, "surrogatepass" if read == "utf-16-le" else "replace")


def _repeated(text: str, gap: str) -> str:
    """At least 20 KB."""
    times = -(-20_000 // len(utf8(text + gap)))
    return (text + gap) * times


def _at_the_limit(filler: str) -> list[str]:
    """Prompts of 65,535 bytes to 200 KB; where a cut at a power of two can split a character."""
    straddling = ""
    for power in range(9, 18):
        straddling = _filled(filler, straddling, 2**power - 1 - power % 3) + "\U0001f415"
    return [
        _filled(filler, "", LIMIT - 1),
        _filled(filler, "", LIMIT - 3) + "語",  # 65,536 bytes, the last character whole
        _filled(filler, "", LIMIT - 1) + "é",  # 65,537 bytes, cut after one byte of two
        _filled(filler, "", LIMIT - 1) + "語",
        _filled(filler, "", LIMIT - 2) + "語",
        _filled(filler, "", LIMIT - 3) + "\U0001f415",
        _filled(filler, "", LIMIT - 1) + "\ud83d",
        _filled(filler, "", LIMIT - 2) + "e\u0301",  # the letter within, half its accent beyond
        "é" * (LIMIT // 2),
        "語" * (LIMIT // 3 + 1),
        "\U0001f415\u200d" * (LIMIT // 7 + 1),
        "a" * LIMIT,
        " " * (LIMIT + 1),
        "e" + "\u0301" * (LIMIT // 2),
        _filled(filler, straddling, 200_000),
    ]


def _filled(filler: str, start: str, size: int) -> str:
    """The start, then as much filler (again and again) as fits, then full stops to size bytes."""
    room = size - len(utf8(start))
    data = utf8(filler)
    data = (data * (room // len(data) + 1))[:room]
    body = data.decode("utf-8", "ignore")
    return start + body + "." * (room - len(utf8(body)))


def main() -> None:
    """Print the corpus, or with ``--counts`` the counts in README.md."""
    parser = argparse.ArgumentParser(description="print the corpus as JSON lines")
    parser.add_argument("--counts", action="store_true", help="print the counts instead")
    rows = corpus()
    if parser.parse_args().counts:
        print(counts(rows))
    else:
        for row in rows:
            print(json.dumps(row))


if __name__ == "__main__":
    main()

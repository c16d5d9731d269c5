"""What the tokeniser does to one code point, from the same packed bytes as the kernel's table."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

WORD, SPACE, PUNCT, DROP, ALONE = range(5)
"""Part of a word; end of a word; a word of its own; nothing; a word of its own (ideographs)."""

_SAME, _SHIFT, _PAIRS, _LIST, _SEQUENCE = range(5)
_STEPS = {_SAME: (1, 0), _SHIFT: (1, 1), _PAIRS: (2, 2)}

_HANGUL = range(0xAC00, 0xD7A4)
_MEDIALS, _FINALS = 21, 28


@dataclass(frozen=True, slots=True)
class UnicodeTable:
    """The unpacked table.

    Attributes:
        version: major, minor and patch of the Unicode version.
        classes: one class a code point, up to where `_class_above` takes over.
        replacements: code point to what replaces it, for those that do not stay themselves.
    """

    version: tuple[int, int, int]
    classes: bytes
    replacements: dict[int, str]

    def entry(self, cp: int) -> tuple[int, str]:
        """Class of a code point and the text it becomes (meaningless for SPACE and DROP)."""
        if cp in _HANGUL:
            return WORD, _syllable(cp - _HANGUL.start)
        cls = self.classes[cp] if cp < len(self.classes) else _class_above(cp)
        return cls, self.replacements.get(cp) or chr(cp)


@cache
def unicode_table() -> UnicodeTable:
    """The table of the package, unpacked at the first call."""
    package = __package__.partition(".")[0]
    return unpack((files(package) / "data" / "unicode.bin").read_bytes())


def unpack(packed: bytes) -> UnicodeTable:
    """The table of packed bytes; wasm_kernels/make_unicode.py describes the format."""
    read = _Reader(packed, 4)
    blocks, _mixed, _text_bytes, runs = (read.varint() for _ in range(4))
    classes = bytearray()
    for _ in range(runs):
        run = read.varint()
        classes += bytes((run & 7,)) * (run >> 3)
    if len(classes) != 64 * blocks:
        raise ValueError("unicode.bin: the class runs do not cover the blocks")
    replacements: dict[int, str] = {}
    source, target = -1, 0
    for _ in range(read.varint()):
        head, count = read.varint(), read.varint()
        source += 1 + (head >> 3)
        kind = head & 7
        if kind in _STEPS:
            step, target_step = _STEPS[kind]
            target += read.zigzag()
            for k in range(count):
                replacements[source + k * step] = chr(target + k * target_step)
            source += (count - 1) * step
            target += (count - 1) * target_step
            continue
        targets = []
        for _ in range(count):
            target += read.zigzag()
            targets.append(chr(target))
        if kind == _SEQUENCE:
            replacements[source] = "".join(targets)
        else:
            replacements.update(enumerate(targets, source))
            source += count - 1
    major, minor, patch = packed[:3]
    return UnicodeTable((major, minor, patch), bytes(classes), replacements)


class _Reader:
    """Reads varints one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at

    def varint(self) -> int:
        value = shift = 0
        while (byte := self._data[self._at]) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
            self._at += 1
        self._at += 1
        return value | byte << shift

    def zigzag(self) -> int:
        n = self.varint()
        return n >> 1 ^ -(n & 1)


def _class_above(cp: int) -> int:
    """Tags, variation selectors and private use are dropped; the rest is unassigned."""
    tags = cp == 0xE0001 or 0xE0020 <= cp < 0xE0080 or 0xE0100 <= cp < 0xE01F0
    private = cp >= 0xF0000 and cp & 0xFFFF < 0xFFFE
    return DROP if tags or private else WORD


def _syllable(index: int) -> str:
    """A Hangul syllable as its two or three letters (The Unicode Standard, section 3.12)."""
    lead, rest = divmod(index, _MEDIALS * _FINALS)
    medial, final = divmod(rest, _FINALS)
    letters = chr(0x1100 + lead) + chr(0x1161 + medial)
    return letters + chr(0x11A7 + final) if final else letters

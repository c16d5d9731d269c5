"""Seeded texts and faults."""

import struct

from kernel.instance import BLOCK_BYTES, TEXT, request

_PARTS = (
    *"abcdefghijklmnop ABC  \n\n(A.B)0123456789+-*/?!.,'\"{}[]`_#@&~$\\|%^<>=",
    *"éß한각ᄒ東京ñжαΣ∑₂≠\u0301\u200d\ufeff\x00\x01\ufffd\u3000\xa0\U0001d160\U0001f600\U000e0001",
    *("what is ", "the ", "theorem ", "capital ", "\n(A) ", " ( B. ", "ing", "tion"),
)
_BROKEN = (
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x82",
    b"\x80",
    b"\xf0\x9f",
)
_WORDS = (0, 1, 2, 3, 15, 16, 63, 64, 65, 255, 512, 513, 1 << 15, 1 << 16, 73_728, BLOCK_BYTES)
_LARGE = (1 << 31, (1 << 31) - 1, (1 << 32) - 1, (1 << 32) - 64, 1 << 20)


def random_text(generator, length=200):
    """Up to `length` parts: words, symbols, many scripts, now and then what is not UTF-8."""
    parts = []
    for _ in range(generator.randrange(length)):
        if generator.random() < 0.03:
            parts.append(generator.choice(_BROKEN))
        elif generator.random() < 0.02:
            parts.append(b"x" * generator.randrange(130))
        else:
            parts.append(generator.choice(_PARTS).encode())
    return b"".join(parts)


def random_word(generator):
    """A u32 that is often just inside or outside a bound."""
    if generator.random() < 0.2:
        return generator.getrandbits(32)
    value = generator.choice(_WORDS + _LARGE)
    return (value + generator.choice((0, 0, 0, 1, -1, 4, -4, 64, -64))) & 0xFFFFFFFF


def faulty_image(generator, good):
    """The image with one to three faults: a header word, some bytes, its end, a string's length."""
    data = bytearray(good)
    for _ in range(generator.randint(1, 3)):
        kind = generator.randrange(5)
        if kind == 0:
            struct.pack_into("<I", data, 4 * generator.randrange(27), random_word(generator))
        elif kind == 1:
            for _ in range(generator.randrange(1, 20)):
                data[generator.randrange(len(data))] = generator.randrange(256)
        elif kind == 2:
            del data[max(108, len(data) - generator.choice((1, 4, 64, 300, len(data) // 2))) :]
            if generator.random() < 0.7:
                struct.pack_into("<I", data, 8, len(data))
        elif kind == 3:
            section, count = struct.unpack_from("<I", data, 68)[0], len(data)
            data[min(count - 1, section + generator.randrange(300))] = generator.randrange(256)
        else:
            (offset,) = struct.unpack_from("<I", data, at := 64 + 4 * generator.randrange(11))
            moved = (offset + generator.choice((-64, 64, 4, 1, 1 << 31))) & 0xFFFFFFFF
            struct.pack_into("<I", data, at, moved)
    return bytes(data)


def faulty_request(generator):
    """A request with zero to two header words replaced."""
    text = random_text(generator, 60)
    block = bytearray(request(text, TEXT | generator.choice((0, 8, 16, 24))))
    for _ in range(generator.randrange(3)):
        word = generator.choice((0, 1, 2, 3, 4, generator.randrange(16)))
        struct.pack_into("<I", block, 4 * word, random_word(generator))
    return bytes(block)

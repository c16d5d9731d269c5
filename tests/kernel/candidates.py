"""Seeded candidates in the kernel and requests for them."""

import math
import random
import struct
from array import array

from kernel.instance import (
    EMBEDDING,
    F32,
    HEAD_INPUTS,
    INT8,
    QUERY_FROM_TEXT,
    START_FROM_TEXT,
    TEXT,
    TOKEN_IDS,
    candidate_request,
    random_image,
)
from kernel.texts import random_text, random_word

NOW = 1_700_000_000
HIDDEN = 32
IMAGE = random_image(41, h=HIDDEN, candidates=True)
OK, SECTION, MEMORY, NOTREADY, ARG, FINITE = 0, -2, -4, -5, -6, -8
ROWS, CREATED, PAIRS, FREQUENCY, SUCCESS = range(5)


class Candidates:
    """n random candidates, as lists and as the kernel's arrays."""

    def __init__(self, generator: random.Random, n: int, dimension: int, form: int) -> None:
        self.n, self.dimension, self.form = n, dimension, form
        self.padded = dimension + -dimension % 16
        self.vectors = [
            [generator.randrange(-127, 128) for _ in range(dimension)]
            if form == INT8
            else array("f", (generator.gauss(0, 1) for _ in range(dimension))).tolist()
            for _ in range(n)
        ]
        self.created = [NOW - generator.randrange(-1000, 10_000_000) for _ in range(n)]
        self.pairs = [generator.getrandbits(128) for _ in range(n)]
        self.frequency = array("f", (generator.random() for _ in range(n)))
        self.success = array("f", (generator.choice((0, 1, generator.random())) for _ in range(n)))

    def arrays(self):
        """Bytes of the five arrays."""
        code, padding = ("f" if self.form == F32 else "b"), [0] * (self.padded - self.dimension)
        rows = b"".join(array(code, [*vector, *padding]).tobytes() for vector in self.vectors)
        pairs = b"".join(bits.to_bytes(16, "little") for bits in self.pairs)
        created = array("i", self.created).tobytes()
        return rows, created, pairs, self.frequency.tobytes(), self.success.tobytes()

    def put(self, kernel, which=0, first=0):
        """Write and commit them, the first at `first`; the status."""
        for at, data in enumerate(self.arrays()):
            kernel.put(which, at, first * (len(data) // self.n), data)
        return kernel.commit(which, first, self.n)

    def similarity(self, query, index):
        """In float64."""
        vector = self.vectors[index]
        dot = sum(a * b for a, b in zip(query, vector, strict=True))
        norms = math.hypot(*query) * math.hypot(*vector)
        return 0.5 + 0.5 * dot / norms if norms else 0.5

    def recency(self, index, half_life):
        return 2.0 ** -min(30.0, max(0, NOW - self.created[index]) / half_life)


def filled(kernel, n, dimension, form, seed=1, which=0):
    """The candidates, after the kernel has loaded `IMAGE` and taken them."""
    assert kernel.load(IMAGE) == OK
    candidates = Candidates(random.Random(seed), n, dimension, form)
    assert kernel.reserve(which, n, dimension, form) == OK
    assert candidates.put(kernel, which) == OK
    return candidates


def vector(generator, dimension):
    """Bytes of a query."""
    return array("f", (generator.gauss(0, 1) for _ in range(dimension))).tobytes()


def random_request(generator, n, dimension, hidden, which=0):
    """A good request for some of n candidates, often with a text."""
    text = random_text(generator, 30) if generator.random() < 0.5 else None
    flags, query = 0, vector(generator, dimension)
    if text is not None:
        flags = generator.choice((0, START_FROM_TEXT)) | generator.choice((0, EMBEDDING))
        flags |= HEAD_INPUTS | TOKEN_IDS
        if dimension == hidden and generator.random() < 0.5:
            flags, query = flags | QUERY_FROM_TEXT, b""
    pairs = generator.getrandbits(128) & generator.getrandbits(128)
    return candidate_request(
        generator.randint(0, n),
        generator.choice((0, 1, 2, 5, 63, 64)),
        query,
        text,
        dimension=dimension,
        now=generator.choice((NOW, NOW + 10**6, -(2**31), 2**31 - 1)),
        pairs=pairs,
        n_pairs=pairs.bit_count() + generator.choice((0, 0, 3)),
        which=which,
        flags=flags,
    )


def faulty_candidate_request(generator, good):
    """The request with one to three header words replaced, or numbers that are none."""
    block = bytearray(good)
    for _ in range(generator.randint(1, 3)):
        if generator.random() < 0.2 and len(block) >= 80:
            at = 4 * generator.randrange(16, len(block) // 4)
            bits = generator.choice((0x7FC00000, 0x7F800000, 0xFF800000, 0x7F7FFFFF, 1))
            struct.pack_into("<I", block, at, bits)
        elif generator.random() < 0.3:
            struct.pack_into("<I", block, 8, generator.randrange(128) | generator.choice((0, TEXT)))
        else:
            at = 4 * generator.randrange(16)
            struct.pack_into("<I", block, at, random_word(generator))
    return bytes(block)

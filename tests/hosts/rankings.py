"""Rankings of seeded candidates as lines: the same wherever a kernel runs."""

import random
from array import array
from collections.abc import Callable, Iterator

from pools import score_request

from tiny_dancer import InvalidInputError
from tiny_dancer.candidates.layout import F32_ROWS, INT8_ROWS, Packed, columns
from tiny_dancer.hosts import open_kernel
from tiny_dancer.model import read_bundle

NOW = 1_700_000_000
TEXT = b"Which of these is prime? (A) 51 (B) 53"


def packed(seed: int, n: int, dimension: int, form: int = F32_ROWS) -> Packed:
    """n random candidates."""
    generator = random.Random(seed)
    numbers = [generator.randrange(-127, 128) for _ in range(n * dimension)]
    rows = array("f" if form == F32_ROWS else "b", numbers)
    created = [NOW - generator.randrange(10**7) for _ in range(n)]
    pairs = [generator.getrandbits(128) for _ in range(n)]
    shares = [generator.random() for _ in range(2 * n)]
    return Packed(n, dimension, form, rows, columns(created, pairs, shares[:n], shares[n:]))


def opened(path: str) -> Callable[[], str]:
    """A function that ranks anew each time it is called, in a kernel with residents."""
    with open(path, "rb") as file:
        bundle = read_bundle(file.read())
    hidden = bundle.sizes["H"]
    scorer = open_kernel(bundle, 64)
    scorer.reserve(300, hidden, INT8_ROWS)
    scorer.write(0, packed(1, 290, hidden, INT8_ROWS))
    scorer.write(290, packed(2, 10, hidden, INT8_ROWS))

    def lines() -> Iterator[str]:
        query = array("f", [random.Random(3).gauss(0, 1) for _ in range(hidden)])
        for n in (1, 7, 300):
            for text in (None, TEXT):
                score = score_request(scorer, text, query, n, k=64, now=NOW, pairs=7, n_pairs=4)
                yield f"resident {n} {score.text} {score.ranking.data.hex()}"
        yield score_request(scorer, TEXT, None, 300, k=5, now=NOW).ranking.data.hex()
        for n, dimension, form in ((1, 384, 0), (20, 100, 1), (9, 100, 1), (70, 384, 0), (2, 1, 0)):
            asked = array("f", [float(i % 7 - 3) for i in range(dimension)])
            own = packed(n, n, dimension, form)
            score = score_request(scorer, None, asked, own, k=5, now=NOW, pairs=7, n_pairs=4)
            yield f"packed {n} {dimension} {score.ranking.data.hex()}"
            try:
                bad = Packed(n, dimension, form, own.rows, b"\xff" * len(own.columns))
                score_request(scorer, TEXT, asked, bad, k=5, now=NOW)
            except InvalidInputError as error:
                yield str(error)
            yield str(scorer.score_text(TEXT))
        yield scorer.embed(TEXT).tobytes().hex()

    return lambda: "\n".join(lines())

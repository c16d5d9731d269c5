"""Candidates: the kernel and its twin leave the same bytes, whatever is scored by what."""

import random
from array import array
from dataclasses import replace
from struct import pack

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pools import score_request
from random_bundle import CANDIDATE, random_candidate_tensors, random_config, random_tensors
from repacked import repacked
from result_block import twin_block

from tiny_dancer.candidates.layout import F32_ROWS, INT8_ROWS, Packed, columns
from tiny_dancer.candidates.registration import int8_row
from tiny_dancer.errors import InvalidInputError
from tiny_dancer.hosts.cpython import WasmtimeHost
from tiny_dancer.hosts.package_data import kernel_wasm
from tiny_dancer.model import image, read_bundle, write_bundle
from tiny_dancer.policy import Policy
from tiny_dancer.scoring.kernel import KernelScorer
from tiny_dancer.scoring.twin.scorer import TwinScorer

TEXT, CANDIDATES, START_FROM_TEXT, HEAD_INPUTS, TOKEN_IDS, EMBEDDING, QUERY_FROM_TEXT = (
    1, 2, 4, 8, 16, 32, 64,
)  # fmt: skip
HEADER = 64
ROWS, ROW_BYTES = 3088, 32
EMBEDDING_AT = 5136
INT32 = (-(1 << 31), (1 << 31) - 1)

# hidden units, models, tokens kept, spread of the weights, constants of the candidate step
MODELS = [
    (16, 2, 8, 1.0, {}),
    (32, 3, 512, 30.0, {"zeta": 1.0, "nu": 1.0, "half_life_s": 1.0}),
    (48, 16, 17, 0.1, {"zeta": 0.0, "nu": 0.3, "half_life_s": 1e10, "bias": 5.5}),
    (64, 4, 33, 3.0, {"half_life_s": 86_400.3}),
]
TEXTS = [b"", b"what is the capital?", b"proof of theorem 12 \xff\xc3", "é한東 ing".encode() * 40]


class Pair:
    """One model in the kernel and in the twin."""

    def __init__(self, hidden, models, max_tokens, spread, constants):
        tensors = random_tensors(hidden, h=hidden, m=models, n=0, spread=spread)
        tensors |= random_candidate_tensors(hidden, hidden, spread=spread)
        config = random_config(models, candidate=replace(CANDIDATE, **constants))
        bundle = read_bundle(write_bundle(tensors, config, Policy(0.25), {}))
        self.hidden, self.models = hidden, models
        self.inputs = 2 * hidden + 16
        self.twin = TwinScorer(bundle, max_tokens)
        self.host = WasmtimeHost(kernel_wasm(), image(bundle, max_tokens))
        self.kernel = KernelScorer(self.host, models, hidden)

    def reside(self, packed, capacity):
        for scorer in (self.kernel, self.twin):
            scorer.reserve(capacity, packed.dimension, packed.format)
            scorer.write(0, packed)

    def kernel_block(self, text, flags, query, dimension, n, k, now, pairs, n_pairs):
        """What a run over residents leaves in the result block."""
        block, data = self.host.block, text or b""
        text_at = HEADER + 4 * dimension
        flags |= CANDIDATES | (TEXT if text is not None else 0)
        flags |= QUERY_FROM_TEXT if query is None else 0
        header = pack(
            "<9Ii16s2I",
            text_at + len(data), len(self.host.result), flags, len(data), text_at, HEADER,
            dimension, n, k, now, pairs.to_bytes(16, "little"), n_pairs, 0,
        )  # fmt: skip
        block[:HEADER] = header
        block[HEADER:text_at] = bytes(4 * dimension) if query is None else query.tobytes()
        block[text_at : text_at + len(data)] = data
        assert self.host.run() == 0
        return bytes(self.host.result)

    def check_block(self, case, k, extra=0):
        """Compare the two blocks over residents as far as they are defined."""
        text, query, packed = case.text, case.query, case.packed
        flags = extra if text is not None else 0
        request = {"k": k, "now": case.now, "pairs": case.pairs, "n_pairs": case.n_pairs}
        got = self.kernel_block(text, flags, query, packed.dimension, packed.n, **request)
        want = twin_block(self.twin, self.models, text, flags, packed.n, query, **request)
        assert len(got) == len(want) == 5_440
        if text is None:
            assert got[:ROWS] == want[:ROWS]
        assert got[:256] == want[:256]
        assert got[3072:ROWS] == want[3072:ROWS]
        end = ROWS + ROW_BYTES * min(k, packed.n)
        assert got[ROWS:end] == want[ROWS:end]
        if flags & HEAD_INPUTS:
            assert got[256 : 256 + 4 * self.inputs] == want[256 : 256 + 4 * self.inputs]
        if flags & TOKEN_IDS:
            end = 1024 + 4 * int.from_bytes(want[4:8], "little")
            assert got[1024:end] == want[1024:end]
        if flags & EMBEDDING:
            end = EMBEDDING_AT + 4 * self.hidden
            assert got[EMBEDDING_AT:end] == want[EMBEDDING_AT:end]
        return got

    def check_request(self, case, k, **options):
        """Compare what the two scorers say of a request that brings its candidates."""
        got, want = (
            outcome(
                lambda scorer=scorer: score_request(
                    scorer,
                    case.text,
                    case.query,
                    case.packed,
                    k=k,
                    now=case.now,
                    pairs=case.pairs,
                    n_pairs=case.n_pairs,
                    **options,
                )
            )
            for scorer in (self.kernel, self.twin)
        )
        assert got == want
        return got


def outcome(call):
    try:
        return call()
    except InvalidInputError:
        return InvalidInputError


@pytest.fixture(scope="module", params=MODELS, ids=[f"H{model[0]}" for model in MODELS])
def both(request):
    return Pair(*request.param)


class Case:
    """Seeded candidates and a request, both full of edges."""

    def __init__(self, seed, n, dimension, format, text=None, query_from_text=False):
        self.generator = generator = random.Random(seed)
        self.text = text
        vectors = [self._vector(dimension) for _ in range(n)]
        for at in range(1, n):
            if generator.random() < 0.25:  # ties, and the same vector once more
                vectors[at] = vectors[generator.randrange(at)]
        query = self._vector(dimension)
        if n and generator.random() < 0.2:
            sign = generator.choice((1.0, -1.0))
            query = array("f", [sign * x for x in generator.choice(vectors)])
        self.query = None if query_from_text else query
        self.now = generator.choice((0, 1_700_000_000, *INT32, generator.randint(*INT32)))
        self.packed = self._packed(vectors, dimension, format)
        self.pairs = generator.choice((0, 1, (1 << 128) - 1, generator.getrandbits(128)))
        beyond = generator.choice((0, 1, 40, (1 << 24) + 1, (1 << 32) - 200))
        self.n_pairs = self.pairs.bit_count() + beyond

    def _vector(self, dimension):
        generator = self.generator
        scale = generator.choice((1.0, 1.0, 1.0, 0.0, 1e-10, 1e-21, 1e-26, 1e15, 1e17))
        numbers = [scale * generator.gauss(0, 1) for _ in range(dimension)]
        if generator.random() < 0.2:
            numbers = [0.0] * dimension
            numbers[generator.randrange(dimension)] = scale
        return array("f", numbers)

    def _columns(self, n):
        generator = self.generator
        same = generator.random() < 0.3

        def each(draw):
            return [draw()] * n if same else [draw() for _ in range(n)]

        near = [self.now - generator.randrange(1 << 21) for _ in range(3)]
        created = each(
            lambda: generator.choice(
                (
                    *(min(max(then, INT32[0]), INT32[1]) for then in near),
                    self.now,
                    *INT32,
                    generator.randint(*INT32),
                )
            )
        )
        pairs = each(lambda: generator.choice((0, (1 << 128) - 1, generator.getrandbits(128))))
        shares = [
            each(lambda: generator.choice((0.0, 1.0, 2.0**-149, generator.random())))
            for _ in range(2)
        ]
        return created, pairs, *shares

    def _packed(self, vectors, dimension, format):
        generator = self.generator
        if format == F32_ROWS:
            rows = b"".join(vector.tobytes() for vector in vectors)
        else:
            rows = b"".join(
                generator.randbytes(dimension)
                if generator.random() < 0.2
                else int8_row(vector).tobytes()
                for vector in vectors
            )
        kept = columns(*self._columns(len(vectors)))
        return Packed(len(vectors), dimension, format, rows, kept)


@st.composite
def cases(draw, smallest=1, hidden=None):
    """Cases of up to 6,000 numbers, so that the twin keeps up."""
    text = draw(st.sampled_from([None, *TEXTS] if hidden is None else TEXTS))
    dimension = hidden or draw(
        st.sampled_from([1, 7, 8, 15, 16, 17, 33, 384, 2_047, 2_048]) | st.integers(1, 2_048)
    )
    n = draw(st.integers(smallest, max(smallest, min(70, 6_000 // dimension))))
    format = draw(st.sampled_from([F32_ROWS, INT8_ROWS]))
    seed = draw(st.integers(0, 1 << 32))
    return Case(seed, n, dimension, format, text, hidden is not None)


BOUNDED = settings(max_examples=40, deadline=None, derandomize=True)
FLAGS = st.sampled_from(
    [start | inputs | ids | embedding
     for start in (0, START_FROM_TEXT) for inputs in (0, HEAD_INPUTS)
     for ids in (0, TOKEN_IDS) for embedding in (0, EMBEDDING)]
)  # fmt: skip
ALL_FLAGS = START_FROM_TEXT | HEAD_INPUTS | TOKEN_IDS | EMBEDDING


@BOUNDED
@given(case=cases(), k=st.integers(0, 64), flags=FLAGS)
@example(case=Case(1, 70, 8, INT8_ROWS, TEXTS[1]), k=64, flags=ALL_FLAGS)
@example(case=Case(2, 66, 3, F32_ROWS), k=64, flags=0)
def test_residents_give_the_same_bits(both, case, k, flags):
    both.reside(case.packed, case.packed.n + 5)
    both.check_block(case, k, flags)


@BOUNDED
@given(data=st.data(), k=st.integers(0, 64), flags=FLAGS)
def test_a_query_from_the_text_gives_the_same_bits(both, data, k, flags):
    case = data.draw(cases(hidden=both.hidden))
    both.reside(case.packed, case.packed.n)
    both.check_block(case, k, flags)


@BOUNDED
@given(case=cases(), k=st.integers(0, 64), from_text=st.booleans(), more=st.booleans())
def test_candidates_of_a_request_give_the_same_bits(both, case, k, from_text, more):
    got = both.check_request(case, k, start_from_text=from_text, head_inputs=more, token_ids=more)
    assert len(got.ranking) == min(k, case.packed.n)


@BOUNDED
@given(
    seed=st.integers(0, 1 << 32),
    format=st.sampled_from([F32_ROWS, INT8_ROWS]),
    where=st.sampled_from(["row", "query"]),
    bad=st.sampled_from(
        [float("nan"), float("inf"), -3e38, 1.7320508e19, 1.7320509e19, 1e-30, -9.999999e-31, 1e-45]
    ),
)
def test_both_refuse_the_same_vectors(both, seed, format, where, bad):
    case = Case(seed, 3, 9, format)
    at = case.generator.randrange(9)
    if where == "query":
        case.query = array("f", bytes(36))
        case.query[at] = bad
    elif format == F32_ROWS:
        rows = array("f", case.packed.rows.cast("f"))
        rows[9 + at] = bad
        case.packed = repacked(case.packed, rows=rows)
    both.check_request(case, 3)


@BOUNDED
@given(share=st.sampled_from([-0.0, -1e-45, 1.0000001, float("nan"), float("inf")]))
def test_both_refuse_the_same_shares(both, share):
    for column in (20, 24):
        case = Case(5, 4, 2, INT8_ROWS)
        kept = bytearray(case.packed.columns)
        kept[column * 4 + 8 : column * 4 + 12] = array("f", [share]).tobytes()
        case.packed = repacked(case.packed, columns=bytes(kept))
        got = both.check_request(case, 4)
        assert (got is InvalidInputError) == (share != 0.0)


@settings(BOUNDED, max_examples=15)
@given(seed=st.integers(0, 1 << 32), format=st.sampled_from([F32_ROWS, INT8_ROWS]))
def test_rewritten_residents_and_requests_between_them_change_nothing_else(both, seed, format):
    generator = random.Random(seed)
    dimension = generator.randrange(1, 40)
    both.reside(Case(seed, 30, dimension, format).packed, 33)
    for _ in range(8):
        case = Case(generator.random(), 30, dimension, format, generator.choice([None, *TEXTS]))
        part = Case(generator.random(), generator.randrange(1, 12), dimension, format).packed
        first = generator.randrange(31 - part.n)
        both.kernel.write(first, part)
        both.twin.write(first, part)
        other = Case(generator.random(), generator.randrange(9), 50, 1 - format, TEXTS[1])
        both.check_request(other, 5)
        both.check_block(case, generator.randrange(65), START_FROM_TEXT)


@pytest.mark.parametrize("spread", [1.0, 1e-19, 1e-20, 1e-22, 1e-30])
def test_embeddings_have_the_same_bits_down_to_where_their_squares_vanish(spread):
    both = Pair(32, 2, 64, spread, {})
    for text in [*TEXTS, b"the", b"a a a", b"what is " * 200]:
        assert both.kernel.embed(text).tobytes() == both.twin.embed(text).tobytes()


@pytest.mark.parametrize(("format", "largest"), [(F32_ROWS, 3.8e17), (INT8_ROWS, -128)])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_sums_give_the_same_bits(both, format, largest, sign):
    case = Case(1, 4, 2_048, format)
    case.query = array("f", [sign * 3.8e17]) * 2_048
    code = "f" if format == F32_ROWS else "b"
    rows = array(code)
    for number in (largest, 127, -1, 0):
        rows.extend([number] * 2_048)
    case.packed = repacked(case.packed, rows=rows)
    similarity = {row.position: row.similarity for row in both.check_request(case, 4).ranking}
    for at, number in enumerate((largest, 127, -1)):
        assert similarity[at] == pytest.approx(1.0 if sign * number > 0 else 0.0, abs=1e-5)
    assert similarity[3] == 0.5


def test_every_age_gives_the_same_bits(both):
    oldest = min(70 / both.twin._step.inverse_half_life, INT32[1])
    generator = random.Random(3)
    for _ in range(12):
        case = Case(generator.random(), 64, 1, INT8_ROWS)
        case.now = INT32[1]
        created = [case.now - int(oldest * generator.random() ** 3) for _ in range(64)]
        kept = array("i", created).tobytes() + bytes(case.packed.columns[256:])
        case.packed = repacked(case.packed, columns=kept)
        recency = {row.recency for row in both.check_request(case, 64).ranking}
        assert len(recency) > 10


def test_five_thousand_candidates_give_the_same_bits():
    both = Pair(*MODELS[0])
    for format, text in ((F32_ROWS, None), (INT8_ROWS, TEXTS[1])):
        case = Case(7, 5_000, 4, format, text)
        both.reside(case.packed, 5_000)
        both.check_block(case, 64, START_FROM_TEXT)

"""Whatever lies in an image or a request block: an error code or an answer, never a trap."""

import random
import struct

import pytest
from attacks.collisions import colliding_bundle
from kernel.instance import (
    BLOCK_BYTES,
    TOKEN_IDS,
    Module,
    Native,
    defined,
    random_image,
    request,
)
from kernel.texts import faulty_image, faulty_request, random_text

from tiny_dancer.model import image, read_bundle

MAGIC, SECTION, SHAPE, MEMORY, NOTREADY, ARG, UNICODE = range(-1, -8, -1)
V, H, M, FRONT, BACK, UNKNOWN, UNICODE_VERSION, STRING_BYTES = 3, 4, 5, 6, 7, 8, 9, 13
STRINGS, LENGTHS = 16, 17
IMAGE = random_image(1, v=300, h=16, m=2)


def word(data, index):
    return struct.unpack_from("<I", data, 4 * index)[0]


def with_word(data, index, value):
    changed = bytearray(data)
    struct.pack_into("<I", changed, 4 * index, value)
    return bytes(changed)


def status(result):
    return struct.unpack_from("<i", result)[0]


@pytest.mark.parametrize(
    ("index", "value", "error"),
    [
        (0, 0x31494455, MAGIC),
        (1, 0, MAGIC),
        (1, 2 << 16, MAGIC),
        (2, len(IMAGE) - 1, MAGIC),
        (2, 0xFFFFFFFF, MAGIC),
        (V, 0, SHAPE),
        (V, 301, SHAPE),
        (V, 32_769, SHAPE),
        (H, 0, SHAPE),
        (H, 24, SHAPE),
        (H, 80, SHAPE),
        (M, 1, SHAPE),
        (M, 17, SHAPE),
        (FRONT, 0, SHAPE),
        (FRONT, 512, SHAPE),
        (FRONT, 0xFFFFFFFF, SHAPE),
        (BACK, 500, SHAPE),
        (BACK, 0xFFFFFFFF, SHAPE),
        (UNKNOWN, 300, SHAPE),
        (UNICODE_VERSION, 15 << 16, UNICODE),
        (STRING_BYTES, 0, SHAPE),
        (STRING_BYTES, 0xFFFFFFFF, SHAPE),
        *[
            (section, offset, SECTION)
            for section in range(16, 27)
            for offset in (0, 64, 129, len(IMAGE) + 64, 0xFFFFFFC0)
        ],
    ],
)
def test_every_word_of_an_image_is_checked(module, index, value, error):
    assert module.load(with_word(IMAGE, index, value)) == error
    assert status(module.run(request(b"x"))) == NOTREADY


@pytest.mark.parametrize("change", [-1, 1, None])
def test_lengths_of_the_strings_must_add_up(module, change):
    changed = bytearray(IMAGE)
    at = word(IMAGE, LENGTHS) + 1  # of "what"
    changed[at] = 0 if change is None else changed[at] + change
    assert module.load(bytes(changed)) == SHAPE


def test_an_image_must_lie_in_memory_from_td_alloc(module):
    address = module.call("td_alloc", len(IMAGE))
    module.write(IMAGE, address)
    assert module.call("td_load", address, len(IMAGE) + 64) == SECTION
    assert module.call("td_load", address + 4, len(IMAGE) - 4) == SECTION
    assert module.call("td_load", 0, len(IMAGE)) == SECTION
    assert module.call("td_load", module.block, 1024) == SECTION
    assert module.call("td_load", -64, len(IMAGE)) == SECTION
    assert module.call("td_load", address, 0) == MAGIC
    assert module.call("td_load", address, len(IMAGE)) == 0
    assert module.call("td_load", address, len(IMAGE)) == NOTREADY


def test_memory_has_a_bound(module):
    assert module.call("td_alloc", -1) == 0
    assert module.call("td_alloc", 1 << 29) == 0
    given = 0
    while module.call("td_alloc", 1 << 24):
        given += 1 << 24
    assert 200 << 20 < given < 256 << 20
    assert module.memory_bytes() <= 256 << 20
    address = module.call("td_alloc", len(IMAGE))
    assert address % 64 == 0
    module.write(IMAGE, address)
    assert module.call("td_load", address, len(IMAGE)) in (0, MEMORY)


def test_a_vocabulary_made_to_collide_is_refused(module):
    assert module.load(image(read_bundle(colliding_bundle()), 64)) == SHAPE


def test_of_equal_entries_the_first_one_counts(module):
    lengths = IMAGE[word(IMAGE, LENGTHS) :][:300]
    starts = [word(IMAGE, STRINGS) + sum(lengths[:i]) for i in range(300)]
    first, second = IMAGE.index(b"what"), IMAGE.index(b"is", IMAGE.index(b"what") + 4)
    first, second = starts.index(first), starts.index(second)
    same = [i for i in range(second + 1, 300) if lengths[i] == lengths[second]]
    flags = word(IMAGE, 18)
    changed = bytearray(IMAGE)
    for later in same:
        changed[starts[later] : starts[later] + lengths[later]] = b"is"
        changed[flags + later] = changed[flags + second]
    assert first < second and same
    assert module.load(bytes(changed)) == 0
    result = module.run(request(b"is", 1 | TOKEN_IDS))
    assert struct.unpack_from("<I", result, 1024) == (second,)


@pytest.mark.parametrize(
    ("front", "back"), [(512, 0), (5, 0), (1, 0), (1, 511), (1, 1), (384, 128)]
)
def test_tokens_kept_are_the_first_and_the_last(kernel, front, back):
    everything = b" ".join([b"what is the theorem of"] * 100) + b" capital proof"
    assert kernel.load(with_word(with_word(IMAGE, FRONT, 512), BACK, 0)) == 0
    ids = []
    for start in range(0, 10_000, 500):
        part = b" ".join(everything.split()[start : start + 500])
        result = kernel.run(request(part, 1 | TOKEN_IDS))
        ids += struct.unpack_from(f"<{word(result, 1)}I", result, 1024)
    assert len(ids) == 502

    assert kernel.load(with_word(with_word(IMAGE, FRONT, front), BACK, back)) == 0
    for n in {1, front, front + 1, front + back, front + back + 1, 502}:
        n = min(n, 502)
        result = kernel.run(request(b" ".join(everything.split()[:n]), 1 | TOKEN_IDS))
        kept, seen, flags = word(result, 1), word(result, 2), word(result, 4)
        assert (kept, seen, flags) == (min(n, front + back), n, int(n > front + back))
        tail = max(0, kept - front)
        expected = ids[: kept - tail] + ids[n - tail : n]
        assert list(struct.unpack_from(f"<{kept}I", result, 1024)) == expected
    assert word(kernel.run(request(b"what " * 10_000)), 1) == front + back


def test_faulty_images_are_refused_or_answer(kernel):
    generator = random.Random(20)
    statuses = set()
    for _ in range(3_000):
        statuses.add(code := kernel.load(faulty_image(generator, IMAGE)))
        answer = status(kernel.run(request(random_text(generator, 20))))
        assert answer == (0 if code == 0 else NOTREADY)
    assert statuses >= {0, MAGIC, SECTION, SHAPE, UNICODE}
    assert statuses <= {0, MAGIC, SECTION, SHAPE, UNICODE}


def test_faulty_requests_are_refused_or_answer(kernel):
    generator = random.Random(21)
    assert kernel.load(IMAGE) == 0
    statuses = [status(kernel.run(faulty_request(generator))) for _ in range(5_000)]
    assert set(statuses) == {0, ARG, NOTREADY}  # the last: this image scores no candidates
    assert min(statuses.count(0), statuses.count(ARG)) > 500


@pytest.mark.parametrize(
    ("index", "value"),
    [
        *[(0, bytes_) for bytes_ in (0, 63, 64, 64 + 9, BLOCK_BYTES + 1, 0xFFFFFFFF)],
        *[(2, flags) for flags in (0, 4, 5, 8, 65, 129, 0x80000001)],
        *[(3, length) for length in (11, 65_537, 0xFFFFFFFF, 0xFFFFFFFF - 64)],
        *[(4, offset) for offset in (0, 63, 65, BLOCK_BYTES, 0xFFFFFFFF, 0xFFFFFFC0)],
    ],
)
def test_every_word_of_a_request_is_checked(module, index, value):
    assert module.load(IMAGE) == 0
    good = request(b"ten bytes.")
    assert status(module.run(good)) == 0
    result = module.run(with_word(good, index, value))
    assert status(result) == ARG
    assert result[4:256] == bytes(252)


def test_the_longest_texts_fit(kernel):
    assert kernel.load(IMAGE) == 0
    for text in (b"?" * 65_536, b"ab " * 21_845, "ᄒ한".encode() * 10_922, b"\xff" * 65_536):
        for offset in (64, 65, BLOCK_BYTES - len(text)):
            assert status(kernel.run(request(text, offset=offset))) == 0


def test_module_and_native_scalar_code_give_the_same_bytes(native_program):
    if native_program is None:
        pytest.skip("no C compiler with sanitizers")
    generator = random.Random(22)
    module, native = Module(), Native(native_program)
    for hidden, models in ((16, 2), (32, 3), (48, 9), (64, 16)):
        data = random_image(hidden, h=hidden, m=models, spread=generator.choice((1.0, 30.0)))
        assert module.load(data) == native.load(data) == 0
        for _ in range(50):
            block = request(random_text(generator))
            assert defined(module.run(block)) == defined(native.run(block))
    native.close()

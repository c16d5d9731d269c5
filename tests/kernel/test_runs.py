"""A run allocates nothing and keeps nothing for the next one."""

import random

from kernel.instance import HEAD_INPUTS, TEXT, TOKEN_IDS, defined, random_image, request
from kernel.texts import faulty_request, random_text


def test_ten_thousand_runs_do_not_grow_the_memory(module):
    generator = random.Random(30)
    assert module.load(random_image(2, h=32)) == 0
    before = module.memory_bytes()
    for _ in range(9_900):
        module.run(request(random_text(generator, 20)))
    for _ in range(100):
        module.run(request(random_text(generator, 40) * 100)[:60_000])
    assert module.memory_bytes() == before


def test_the_same_request_gives_the_same_bytes_whatever_came_before(kernel):
    generator = random.Random(31)
    assert kernel.load(random_image(3, h=48, m=5)) == 0
    requests = [request(random_text(generator, 300)) for _ in range(60)]
    requests += [request(b""), request(b"\xff"), request(b"a" * 65_536), request(b"? " * 3_000)]
    alone = []
    for block in requests:
        assert kernel.load(random_image(3, h=48, m=5)) == 0
        alone.append(defined(kernel.run(block)))
    for _ in range(1_000):
        if generator.random() < 0.3:
            kernel.run(faulty_request(generator))
        at = generator.randrange(len(requests))
        assert defined(kernel.run(requests[at])) == alone[at]


def test_flags_do_not_change_the_answer(kernel):
    generator = random.Random(32)
    assert kernel.load(random_image(4, h=16)) == 0
    for _ in range(50):
        text = random_text(generator)
        whole = kernel.run(request(text))
        for flags in (TEXT, TEXT | HEAD_INPUTS, TEXT | TOKEN_IDS):
            part = kernel.run(request(text, flags))
            assert part[:28] + part[32:256] == whole[:28] + whole[32:256]
            assert part[28:32] == (whole[28:32] if flags & HEAD_INPUTS else bytes(4))


def test_a_text_may_lie_anywhere_in_the_block(kernel):
    generator = random.Random(33)
    assert kernel.load(random_image(5)) == 0
    text = random_text(generator)
    expected = defined(kernel.run(request(text)))
    for offset in (65, 66, 67, 100, 8_000, 73_792 - len(text)):
        assert defined(kernel.run(request(text, offset=offset))) == expected

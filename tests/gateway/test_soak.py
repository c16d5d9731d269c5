"""Under every attack at once nobody else meets an error (soak.py; ten minutes with --full)."""

import asyncio

import pytest
from gateway.attackers import ATTACKS
from gateway.soak import KINDS, find_faults, run


def test_nobody_but_the_attackers_meets_an_error(tmp_path):
    found = asyncio.run(run(0.2, tmp_path))
    assert [fault for fault in find_faults(found) if " grew from " not in fault] == []
    assert set(found["attacks"]) == {attack.__name__ for attack in ATTACKS}
    assert set(found["requests"]) == set(KINDS)


@pytest.mark.full
def test_for_ten_minutes_memory_and_descriptors_are_flat(tmp_path):
    assert find_faults(asyncio.run(run(10, tmp_path))) == []

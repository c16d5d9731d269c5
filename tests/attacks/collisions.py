"""A vocabulary whose hashes agree: every look-up in the kernel's word table would walk over all."""

import numpy as np
from random_bundle import random_config, random_tensors

from tiny_dancer.model import write_bundle
from tiny_dancer.policy import Policy

N = 520


def colliding_bundle():
    """A valid bundle whose words fall into three neighbouring slots of 2,048."""
    letters = np.arange(0x21, 0x7F, dtype=np.uint32)
    grid = np.stack(np.meshgrid(*[letters] * 3), axis=-1).reshape(-1, 3)
    hashes = np.full(len(grid), 0x811C9DC5, np.uint32)
    for column in grid.T:
        hashes = (hashes ^ column) * np.uint32(0x01000193)
    hashes ^= hashes >> np.uint32(15)
    hashes *= np.uint32(0x2C1B3C6D)
    hashes ^= hashes >> np.uint32(13)
    words = grid[np.isin(hashes % 2048, (77, 78, 79))][:N]
    assert len(words) == N
    tensors = random_tensors(1, v=N)
    tensors["vocab.strings"] = ([3 * N], words.astype(np.uint8).tobytes())
    tensors["vocab.lengths"] = ([N], bytes([3]) * N)
    tensors["vocab.flags"] = ([N], bytes(N))
    return write_bundle(tensors, random_config(), Policy(0.5), {})

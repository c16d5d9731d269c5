"""The bundle as the kernel takes it: a header of words and aligned sections (docs/kernel.md, 4)."""

import struct
from array import array

from .bundle import Bundle
from .spec import UNICODE_VERSION, size_of

MAGIC = 0x31494454
ABI = 1 << 16
_ALIGN = 64
_HEADER_WORDS = 32


def image(bundle: Bundle, max_tokens: int) -> bytes:
    """The model image of a bundle.

    Args:
        bundle: a validated bundle.
        max_tokens: tokens kept of a prompt, 4 to 512: three quarters from the front, the rest
            from the end.
    """
    sizes, config, tensors = bundle.sizes, bundle.config, bundle.tensors
    back = max_tokens // 4
    sections = [
        bytes(tensors["vocab.strings"]),
        bytes(tensors["vocab.lengths"]),
        bytes(tensors["vocab.flags"]),
        bytes(tensors["vocab.surprisal"]),
        bytes(tensors["token.rows"]),
        bytes(tensors["token.scales"]),
        bytes(tensors["cell.u"]),
        bytes(tensors["cell.bias_z"]),
        bytes(tensors["cell.bias_h"]),
        _padded(tensors["head.weights"], size_of("K", dict(sizes)), sizes["M"]),
        _padded(tensors["head.bias"], 1, sizes["M"]),
    ]
    offsets, body = [], bytearray(4 * _HEADER_WORDS)
    for section in sections:
        body += bytes(-len(body) % _ALIGN)
        offsets.append(len(body))
        body += section
    body += bytes(-len(body) % _ALIGN)
    struct.pack_into(
        "<10I3fI2I",
        body,
        0,
        MAGIC,
        ABI,
        len(body),
        sizes["V"],
        sizes["H"],
        sizes["M"],
        max_tokens - back,
        back,
        config.unknown,
        unicode_word(UNICODE_VERSION),
        config.zeta,
        config.nu,
        config.lam,
        sizes["S"],
        0,
        0,
    )
    struct.pack_into(f"<{len(offsets)}I", body, 64, *offsets)
    return bytes(body)


def unicode_word(version: str) -> int:
    """A dotted version as the kernel writes it: major << 16 | minor << 8 | patch."""
    major, minor, patch = map(int, version.split("."))
    return major << 16 | minor << 8 | patch


def _padded(values: memoryview, rows: int, columns: int) -> bytes:
    """Rows of f32 padded with zeros to a multiple of four columns."""
    padding = array("f", bytes(4 * (-columns % 4)))
    out = array("f")
    for row in range(rows):
        out.extend(values[row * columns : (row + 1) * columns])
        out.extend(padding)
    return out.tobytes()

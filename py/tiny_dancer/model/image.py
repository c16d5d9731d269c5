"""The bundle as the kernel takes it: a header of words and aligned sections (docs/kernel.md, 4)."""

import struct
from array import array
from collections.abc import Mapping

from .bundle import Bundle, CandidateConfig
from .spec import UNICODE_VERSION, size_of

MAGIC = 0x31494454
ABI = 1 << 16 | 1
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
    if config.candidate is not None:
        sections.append(_candidate(config.candidate, tensors))
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


def _candidate(config: CandidateConfig, tensors: Mapping[str, memoryview]) -> bytes:
    """Sixteen f32 of constants, then the tensors of the candidate step."""
    constants = (1 / config.half_life_s, config.zeta, config.nu, config.bias, *[0.0] * 12)
    names = ("w", "u", "bias_z", "bias_h", "head", "start", "project")
    numbers = array("f", constants).tobytes()
    return numbers + b"".join(bytes(tensors[f"candidate.{name}"]) for name in names)


def _padded(values: memoryview, rows: int, columns: int) -> bytes:
    """Rows of f32 padded with zeros to a multiple of four columns."""
    padding = array("f", bytes(4 * (-columns % 4)))
    out = array("f")
    for row in range(rows):
        out.extend(values[row * columns : (row + 1) * columns])
        out.extend(padding)
    return out.tobytes()

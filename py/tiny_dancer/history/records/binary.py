"""Numbers as bytes, little-endian on every host."""

import struct
import sys
from array import array
from collections.abc import Sequence


def pack_float32(numbers: Sequence[float]) -> bytes:
    """Four bytes a number.

    Raises:
        TypeError, OverflowError: they are no numbers.
    """
    packed = array("f", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def unpack_float32(data: bytes) -> "array[float]":
    """What `pack_float32` packed.

    Raises:
        ValueError: the length is no multiple of four.
    """
    numbers = array("f", data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def pack_float16(numbers: Sequence[float]) -> bytes | None:
    """Two bytes a number; None where there is none, or one is beyond 65,504."""
    try:
        return struct.pack(f"<{len(numbers)}e", *numbers) if len(numbers) else None
    except (OverflowError, struct.error):
        return None

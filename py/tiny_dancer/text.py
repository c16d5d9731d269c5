"""The bytes of a prompt that a scorer takes."""

from typing import Final

TEXT_LIMIT: Final = 65_536
"""Bytes of UTF-8 a scorer takes."""

FRONT_BYTES: Final = 49_152
BACK_BYTES: Final = TEXT_LIMIT - FRONT_BYTES
"""What stays of a longer text at its two ends."""


def cut(text: str) -> tuple[bytes, bool]:
    """UTF-8 of at most `TEXT_LIMIT` bytes, and whether the middle was cut out for that.

    Lone surrogates become three bytes that a strict decoder drops. Both cuts move inward to a
    character border, so no character is split.
    """
    if len(text) > TEXT_LIMIT:  # its two ends hold all that stays: no copy of the rest is made
        text = text[: FRONT_BYTES + 1] + text[-BACK_BYTES:]
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= TEXT_LIMIT:
        return data, False
    front, back = FRONT_BYTES, len(data) - BACK_BYTES
    while _is_continuation(data[front]):
        front -= 1
    while _is_continuation(data[back]):
        back += 1
    return data[:front] + data[back:], True


def _is_continuation(byte: int) -> bool:
    return byte & 0xC0 == 0x80

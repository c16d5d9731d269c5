"""Decompression in small pieces, so that a bound on an answer holds whatever it expands to."""

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

PIECE_BYTES: Final = 64 << 10
MAX_LAYERS: Final = 2
"""Encodings on top of one another; a server that names more is not understood."""


class EncodingError(ValueError):
    """A content encoding is unknown, or the bytes are not of it."""


class Decoder(Protocol):
    """Takes compressed bytes and gives what they stand for, at most `PIECE_BYTES` at a time."""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """What these bytes add. Raises EncodingError."""


class ZlibDecoder:
    """Of gzip, also of several members, and of deflate with or without its header."""

    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._object = zlib.decompressobj(31 if is_gzip else 15)
        self._has_begun = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        """What these bytes add."""
        while True:
            out = self._decompress(data)
            if out:
                yield out
            if self._object.eof:
                data = self._object.unused_data
                if not data or not self._is_gzip:
                    return
                self._object = zlib.decompressobj(31)
            else:
                data = self._object.unconsumed_tail
                if not data and len(out) < PIECE_BYTES:
                    return

    def _decompress(self, data: bytes) -> bytes:
        try:
            out = self._object.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            if self._is_gzip or self._has_begun:
                raise EncodingError(f"content-encoding: {error}") from None
            self._object = zlib.decompressobj(-15)
            self._has_begun = True
            return self._decompress(data)
        self._has_begun = self._has_begun or bool(data)
        return out


class BrotliDecoder:
    """Of br."""

    def __init__(self) -> None:
        try:
            import brotli
        except ModuleNotFoundError:
            raise EncodingError(
                "content-encoding: br needs the package brotli, which the extra serve brings"
            ) from None
        self._object = brotli.Decompressor()
        self._error = brotli.error

    def decode(self, data: bytes) -> Iterator[bytes]:
        """What these bytes add."""
        try:
            while True:
                out = self._object.process(data, output_buffer_limit=PIECE_BYTES)
                data = b""
                if out:
                    yield out
                if not out:  # `is_finished` and the like speak of the input alone
                    return
        except self._error as error:
            raise EncodingError(f"content-encoding: {error}") from None


def build_decoders(encodings: str) -> list[Decoder]:
    """The decoders of a `content-encoding`, in the order they are to be applied.

    Raises:
        EncodingError: one is not known, or there are too many.
    """
    names = [name.strip().lower() for name in encodings.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > MAX_LAYERS:
        raise EncodingError(f"content-encoding: more than {MAX_LAYERS} on top of one another")
    return [_build_decoder(name) for name in reversed(names)]


def decode(decoders: list[Decoder], data: bytes) -> Iterator[bytes]:
    """What bytes stand for, through all decoders."""
    if not decoders:
        yield data
        return
    for piece in decoders[0].decode(data):
        yield from decode(decoders[1:], piece)


def _build_decoder(name: str) -> Decoder:
    if name in ("gzip", "x-gzip"):
        return ZlibDecoder(is_gzip=True)
    if name == "deflate":
        return ZlibDecoder(is_gzip=False)
    if name == "br":
        return BrotliDecoder()
    raise EncodingError(f"content-encoding: {name[:40]!r} is not understood")

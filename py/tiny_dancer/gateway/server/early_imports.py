"""Modules that Python would load at the first request: without a descriptor it could not."""

import encodings.idna  # of every lookup of a name
import encodings.utf_8_sig  # noqa: F401  of every body
from contextlib import suppress

import anyio._backends._asyncio
import anyio.streams.tls  # noqa: F401

with suppress(ModuleNotFoundError):  # httpcore asks it where it is installed
    import sniffio  # noqa: F401

"""Files to write: what was there stays as it is until the new one is complete."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from ..errors import InvalidInputError
from .input import name_of


def check_output(path: str | PathLike[str], *inputs: str | PathLike[str] | None) -> None:
    """See that a file can be written there, before any work is done for it.

    Args:
        path: where it shall go.
        inputs: files that it must not take the place of.

    Raises:
        InvalidInputError: its folder is missing, it is a folder, or it is one of the inputs.
    """
    target, name = _target(path), name_of(path)
    for other in inputs:
        if other is not None and _is_same(target, Path(other)):
            raise InvalidInputError(f"{name}: this is a file to read; name another one to write")
    if target.is_dir():
        raise InvalidInputError(f"{name}: this is a folder; name a file in it")
    if not target.parent.is_dir():
        raise InvalidInputError(f"{name}: there is no folder {name_of(target.parent)}; make it")
    if _is_special(target):
        return
    if not os.access(target.parent, os.W_OK):
        raise InvalidInputError(f"{name}: nothing may be written in {name_of(target.parent)}")


@contextmanager
def replace_file(path: str | PathLike[str]) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` as the block ends; where it fails, nothing changes.

    A pipe or a device is written to as it stands.

    Raises:
        OSError: it cannot be written; names the path.
    """
    target = _target(path)
    try:
        if _is_special(target):
            with open(target, "wb") as file:
                yield file
        else:
            with _beside(target) as file:
                yield file
    except OSError as error:  # of what is read meanwhile, the reader says the name
        raise OSError(error.errno, error.strerror or str(error), name_of(path)) from error


@contextmanager
def _beside(target: Path) -> Iterator[BinaryIO]:
    part = target.with_name(f".{target.name[:60]}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            os.chmod(part, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_file(path: str | PathLike[str], data: bytes) -> None:
    """Write the bytes; what was there is replaced at once or not at all.

    Raises:
        OSError: they cannot be written; names the path.
    """
    with replace_file(path) as file:
        file.write(data)


def _target(path: str | PathLike[str]) -> Path:
    """Where a link leads, so that the link stays one."""
    return Path(os.path.realpath(path))


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _is_same(target: Path, other: Path) -> bool:
    try:
        return target.samefile(other)
    except OSError:  # one of them is not there
        return False

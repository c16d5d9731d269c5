"""What no pickle and no copy can hold."""

from typing import NoReturn

from .errors import InvalidInputError


class Uncopyable:
    """What holds a kernel and threads, so that a copy of it would be none."""

    def __reduce__(self) -> NoReturn:
        raise InvalidInputError(
            f"{type(self).__name__}: it holds a kernel and threads, and cannot be pickled or "
            "copied; make one where it is needed, from the same config and model"
        )

"""A model to be worked on: loaded, quantised, saved."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Self

from ..errors import InvalidInputError
from .bundle import Bundle
from .read import read_model
from .write import write_bundle


@dataclass(frozen=True, slots=True)
class Change:
    """What quantising did to one tensor.

    Attributes:
        bytes_before, bytes_after: its size; 0 where it was not there.
        max_error, rms_error: of an element as the kernel computes with it, in the tensor's unit;
            0 where nothing changed.
    """

    bytes_before: int
    bytes_after: int
    max_error: float = 0.0
    rms_error: float = 0.0


@dataclass(frozen=True, slots=True)
class QuantizationReport:
    """What quantising did.

    Attributes:
        bytes_before, bytes_after: size of the file.
        tensors: every tensor by name.
    """

    bytes_before: int
    bytes_after: int
    tensors: Mapping[str, Change]


@dataclass(frozen=True, slots=True)
class Part:
    """How many of a tensor's weights are zero."""

    weights: int
    zeros: int


@dataclass(frozen=True, slots=True)
class PruningReport:
    """What pruning did.

    Attributes:
        bytes_before, bytes_after: size of the file.
        parts: the tensors that lost weights, by name.
    """

    bytes_before: int
    bytes_after: int
    parts: Mapping[str, Part]


class Model:
    """A bundle of either form, int8 or float, that can be changed and written.

    Args:
        bundle: what `read_model` gives.

    Attributes:
        bundle: the model as it is now.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @classmethod
    def load(cls, source: bytes | str | PathLike[str]) -> Self:
        """Read a model from a path or from its bytes.

        Raises:
            BundleError: the file cannot be read or is not a valid bundle.
        """
        return cls(read_model(source))

    def quantize(self) -> QuantizationReport:
        """Turn a float model into an int8 one that a router takes; needs NumPy (extra `train`).

        Only the token rows change. Calibration and policy stay those of the float model; where
        the error matters, score calibration prompts anew.

        Raises:
            InvalidInputError: it is an int8 model already.
        """
        before = self.bundle
        if not before.is_float:
            raise InvalidInputError("quantize: this model's token rows are int8 already")
        import numpy as np

        from .quantise import quantise, restore

        rows = np.frombuffer(before.tensors["token.rows"], np.float32)
        rows = rows.reshape(before.sizes["V"], before.sizes["H"])
        small, scales = quantise(rows)
        error = np.abs(restore(small, scales).astype(np.float64) - rows)

        tensors = {
            "token.rows": (list(small.shape), small.tobytes()),
            "token.scales": (list(scales.shape), scales.tobytes()),
        }
        origin = {"quantised_from": before.bundle_hash}
        self.bundle = read_model(write_bundle(*before.with_(tensors, provenance=origin)))
        sizes = {name: raw.nbytes for name, raw in before.tensors.items()}
        changes = {name: Change(n, n) for name, n in sizes.items()}
        changes["token.rows"] = Change(
            rows.nbytes, small.nbytes, float(error.max()), float(np.sqrt((error**2).mean()))
        )
        changes["token.scales"] = Change(0, scales.nbytes)
        return QuantizationReport(before.n_bytes, self.bundle.n_bytes, changes)

    def prune(self, share: float) -> PruningReport:
        """Make the least useful weights zero and store them sparse; needs NumPy (extra `train`).

        Each part loses this share of its weights, the least in magnitude: token rows, recurrent
        matrix, heads. Nothing is fitted again, and calibration and policy stay those of the whole
        model: `tiny-dancer prune` prunes in steps, fits in between and calibrates anew.

        Args:
            share: of the weights, in [0, 1).

        Raises:
            InvalidInputError: the share is none.
        """
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share < 1:
            raise InvalidInputError(f"share: a number in [0, 1) is needed, got {share!r:.40}")
        from .prune import pruned

        before, tensors = self.bundle, pruned(self.bundle, share)
        origin = {"pruned": {"share": share, "from": before.bundle_hash, "bytes": before.n_bytes}}
        self.bundle = read_model(write_bundle(*before.with_(tensors, provenance=origin)))
        parts = {name: self.bundle.tensors[name].tolist() for name in tensors}
        return PruningReport(
            before.n_bytes,
            self.bundle.n_bytes,
            {name: Part(len(values), values.count(0)) for name, values in parts.items()},
        )

    def to_bytes(self) -> bytes:
        """The file of the model; of a bundle that this package wrote, the same bytes again."""
        return write_bundle(*self.bundle.with_())

    def save(self, path: str | PathLike[str]) -> str:
        """Write the model and return its SHA-256; what was there is replaced at once or not at all.

        Raises:
            OSError: it cannot be written.
        """
        data, unfinished = self.to_bytes(), f"{fspath(path)}.part"
        with open(unfinished, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
        return self.bundle.bundle_hash

"""The table of tensors that make a bundle, and the bounds of its sizes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

FORMAT: Final = "tiny-dancer-bundle"
FORMAT_VERSION: Final = "1"
UNICODE_VERSION: Final = "16.0.0"

MAX_FILE_BYTES: Final = 8 << 20
MAX_HEADER_BYTES: Final = 64 << 10

CUES: Final = 16
"""Numeric cues of a prompt; docs/kernel.md section 6 defines them."""

CONTINUATION: Final = 1
QUESTION_WORD: Final = 2
"""Bits of `vocab.flags`."""

INTERVAL_WINDOW: Final = 200
"""Calibration prompts nearest in confidence that an interval is read from."""

INTERVAL_SCALE: Final = 10_000
"""`calibration.interval` holds bounds in units of 1 / INTERVAL_SCALE."""

QUALITY_SCALE: Final = 255
"""`calibration.quality` holds qualities in units of 1 / QUALITY_SCALE."""

ANSWERS_WELL: Final = 128
"""Smallest entry of `calibration.quality` that stands for a quality of at least 0.5."""


Tensors: TypeAlias = dict[str, tuple[list[int], bytes]]
"""Name to shape and little-endian elements in row order."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One row of the table.

    Attributes:
        dtype: safetensors' name of the element type.
        shape: symbols that `size_of` knows, or literals.
        bound: largest magnitude of an F32 element; keeps every sum in the kernel finite.
    """

    dtype: str
    shape: tuple[str, ...]
    bound: float = 0.0


TENSORS: Final[dict[str, Tensor]] = {
    "vocab.strings": Tensor("U8", ("S",)),
    "vocab.lengths": Tensor("U8", ("V",)),
    "vocab.flags": Tensor("U8", ("V",)),
    "vocab.surprisal": Tensor("U8", ("V",)),
    "token.rows": Tensor("I8", ("V", "H")),
    "token.scales": Tensor("F32", ("V",), 1e3),
    "cell.u": Tensor("F32", ("H", "H"), 1e3),
    "cell.bias_z": Tensor("F32", ("H",), 1e3),
    "cell.bias_h": Tensor("F32", ("H",), 1e3),
    "head.weights": Tensor("F32", ("K", "M"), 1e6),
    "head.bias": Tensor("F32", ("M",), 1e6),
    "calibration.score": Tensor("F32", ("N",), 2.0),
    "calibration.confidence": Tensor("F32", ("N",), 1.0),
    "calibration.quality": Tensor("U8", ("N", "M")),
    "calibration.interval": Tensor("U16", ("W", "2")),
}
"""Every tensor of a bundle; beside them all of `CANDIDATE_TENSORS` or none, and nothing else.

`vocab.strings` is the UTF-8 of all entries joined, continuation pieces without their `##`;
`head.weights` row k multiplies head input k (last state, mean state, cues). Calibration rows are
sorted by score, then confidence. Row k of `calibration.interval` bounds the success rate of light
when k of the W − 1 nearest prompts were answered well."""

FLOAT_TENSORS: Final[dict[str, Tensor]] = {
    name: tensor for name, tensor in TENSORS.items() if name != "token.scales"
} | {"token.rows": Tensor("F32", ("V", "H"), 127e3)}
"""The same of a float model, as training leaves it: to be quantised, not to be served."""

CANDIDATE_TENSORS: Final[dict[str, Tensor]] = {
    "candidate.w": Tensor("F32", ("5", "8"), 1e3),
    "candidate.u": Tensor("F32", ("8", "8"), 1e3),
    "candidate.bias_z": Tensor("F32", ("8",), 1e3),
    "candidate.bias_h": Tensor("F32", ("8",), 1e3),
    "candidate.head": Tensor("F32", ("8",), 1e6),
    "candidate.start": Tensor("F32", ("8",), 1.0),
    "candidate.project": Tensor("F32", ("H", "8"), 1e3),
    "candidate.calibration.confidence": Tensor("F32", ("C",), 1.0),
    "candidate.calibration.works": Tensor("U8", ("C",)),
    "candidate.calibration.interval": Tensor("U16", ("X", "2")),
}
"""The optional group that scores candidates; docs/kernel.md section 8 says what each does.

Calibration rows (probability, and whether the candidate served well) are sorted by confidence."""

SYMBOLS: Final[dict[str, range]] = {
    "S": range(1, (1 << 20) + 1),
    "V": range(1, 32_768 + 1),
    "H": range(16, 64 + 1, 16),
    "M": range(2, 16 + 1),
    "N": range(0, 65_536 + 1),
    "C": range(0, 65_536 + 1),
}
"""Free sizes and their bounds. Derived: K = 2 H + CUES, W = min(N, INTERVAL_WINDOW) + 1, and X
likewise from C."""

DTYPE_BYTES: Final = {"U8": 1, "I8": 1, "U16": 2, "F32": 4}


def table(names: Iterable[str], is_float: bool) -> dict[str, Tensor]:
    """The table of a bundle with these tensors: with the candidates' group where any of it is."""
    scores_candidates = not CANDIDATE_TENSORS.keys().isdisjoint(names)
    own = FLOAT_TENSORS if is_float else TENSORS
    return own | CANDIDATE_TENSORS if scores_candidates else own


def size_of(symbol: str, sizes: dict[str, int]) -> int:
    """Number of elements along an axis named by a symbol, a derived symbol or a literal."""
    if symbol == "K":
        return 2 * sizes["H"] + CUES
    if symbol == "W":
        return min(sizes["N"], INTERVAL_WINDOW) + 1
    if symbol == "X":
        return min(sizes["C"], INTERVAL_WINDOW) + 1
    return int(symbol) if symbol.isdecimal() else sizes[symbol]

"""The project's own corpus of everyday requests in eleven languages, with assumed labels.

docs/everyday.md holds the rubric and the file format; the files lie in `data/everyday` of the
repository, outside the package, so that the wheel does not carry them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..adapt.stem import fold

CORPUS_FOLDER = Path(__file__).parents[3] / "data" / "everyday"
"""Where the files lie in a checkout."""

LANGUAGES = tuple("ar de en es fr hi it ja pt ru zh".split())
"""The first part of a file's name: `de.tsv`, `de.pasted.tsv`."""

COLUMNS = ("family", "topic", "kind", "light", "text")

TOPICS = frozenset(
    "talk food travel home health law money maths code data science language writing work "
    "history education relations culture sport nature technology logic".split()
)
KINDS = frozenset(
    "greeting thanks chat emoji word fact definition howto advice rewriting translation summary "
    "extraction classification draft ideas recipe writing explain code_small code_hard debug "
    "maths_small maths_hard proof planning architecture analysis legal medical finance reasoning "
    "log table document".split()
)

_ESCAPES = {r"\\": "\\", r"\n": "\n", r"\t": "\t"}


class EverydayError(ValueError):
    """A file of the corpus is missing or malformed; the message names the file and line."""


@dataclass(frozen=True)
class EverydayRequest:
    """One request and what is assumed of it."""

    family: str
    """Twins of one topic and the translations of a request share it; splits go by it."""
    language: str
    topic: str
    kind: str
    light: int
    """1 = the light model is assumed to answer well, 0 = it is not; the powerful one always."""
    text: str


def read_everyday(folder: Path = CORPUS_FOLDER) -> tuple[EverydayRequest, ...]:
    """Return the requests of every file, in the order of the files' names and lines.

    Raises `EverydayError` for a missing folder, a malformed line, or a text that stands twice.
    """
    paths = sorted(folder.glob("*.tsv"))
    if not paths:
        raise EverydayError(f"no *.tsv in {folder.name}: the corpus stands in a checkout alone")
    requests = [request for path in paths for request in _read_file(path)]
    seen: set[str] = set()
    for request in requests:
        if request.text in seen:
            raise EverydayError(f"{request.language}: {request.text[:60]!r} stands twice")
        seen.add(request.text)
    return tuple(requests)


def _read_file(path: Path) -> list[EverydayRequest]:
    language = path.name.split(".")[0]
    if language not in LANGUAGES:
        raise EverydayError(f"{path.name}: {language!r} is none of {', '.join(LANGUAGES)}")
    first, *lines = path.read_text("utf-8").removesuffix("\n").split("\n")
    if tuple(first.split("\t")) != COLUMNS:
        raise EverydayError(f"{path.name}: line 1 must name the columns {' '.join(COLUMNS)}")
    return [
        _parse(f"{path.name}: line {n}", language, line.split("\t"))
        for n, line in enumerate(lines, 2)
    ]


def _parse(where: str, language: str, row: Sequence[str]) -> EverydayRequest:
    if len(row) != len(COLUMNS):
        raise EverydayError(f"{where}: {len(row)} columns, not {len(COLUMNS)}")
    family, topic, kind, light, text = row
    if not family:
        raise EverydayError(f"{where}: no family")
    if topic not in TOPICS:
        raise EverydayError(f"{where}: topic {topic!r} is none of {', '.join(sorted(TOPICS))}")
    if kind not in KINDS:
        raise EverydayError(f"{where}: kind {kind!r} is none of {', '.join(sorted(KINDS))}")
    if light not in ("0", "1"):
        raise EverydayError(f"{where}: light is {light!r}, not 0 or 1")
    if not text.strip():
        raise EverydayError(f"{where}: no text")
    return EverydayRequest(family, language, topic, kind, int(light), _unescape(where, text))


def _unescape(where: str, text: str) -> str:
    r"""Return the text with `\n`, `\t` and `\\` replaced by what they stand for."""

    def replace(escape: re.Match[str]) -> str:
        if escape[0] not in _ESCAPES:
            raise EverydayError(rf"{where}: {escape[0]} is not an escape; \n, \t and \\ are")
        return _ESCAPES[escape[0]]

    return re.sub(r"\\.?", replace, text)


def family_folds(
    requests: Iterable[EverydayRequest], count: int = 5, salt: str = "everyday:"
) -> npt.NDArray[np.int64]:
    """[N] fold number 0 … count−1 of each request's family."""
    return np.array([fold(request.family, count, salt) for request in requests], np.int64)


def unrelated(
    requests: Sequence[EverydayRequest], out: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """[N] True for requests of no family that a row of `out` belongs to.

    What may be trained on when the rows of `out` (a language, a kind) are tested on.
    """
    families = {request.family for request, tested in zip(requests, out, strict=True) if tested}
    return np.array([request.family not in families for request in requests], bool)

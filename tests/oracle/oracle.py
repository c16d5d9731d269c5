"""A second opinion in float64: text to probabilities, written from docs/kernel.md alone.

Shares no code with the kernel or its twin, nor their way of working: the file comes through the
safetensors library, text is cleaned as a whole with `unicodedata2`, pieces come from the
`tokenizers` package, many prompts go through NumPy at once, and tanh and exp are NumPy's.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import unicodedata2
from safetensors import safe_open
from tokenizers import models, normalizers

Floats = npt.NDArray[np.float64]

FRONT, BACK = 384, 128
BATCH = 256

_SPACE = re.compile("[\t\n\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_IDEOGRAPH = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002b73f"
    "\U0002b740-\U0002b81f\U0002b920-\U0002ceaf\U0002f800-\U0002fa1f]"
)
_LOWER = normalizers.Lowercase()


@dataclass(frozen=True)
class Answer:
    """What the oracle says about a text; fields are named as those of the scorers."""

    n_seen: int
    n_unknown: int
    surprisal: int
    token_ids: list[int]
    head_inputs: Floats
    logits: Floats
    probabilities: Floats
    scores: Floats


def _fill(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Tensors that are stored as mask and values, dense again."""
    hidden, models = len(tensors["cell.bias_z"]), len(tensors["head.bias"])
    columns = {"token.rows": hidden, "cell.u": hidden, "head.weights": models}
    for name, width in columns.items():
        if name in tensors:
            continue
        bits = np.unpackbits(tensors.pop(f"{name}.mask"), bitorder="little")
        values = tensors.pop(f"{name}.values")
        dense = np.zeros(len(bits), values.dtype)
        dense[bits == 1] = values
        tensors[name] = dense[: len(bits) // width * width].reshape(-1, width)
    return tensors


class Oracle:
    """The model of a bundle file."""

    def __init__(self, path: Path) -> None:
        with safe_open(path, framework="numpy") as file:
            config = json.loads(file.metadata()["config"])
            tensors = _fill({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
        ends = np.cumsum(tensors["vocab.lengths"], dtype=np.int64)
        joined = tensors["vocab.strings"].tobytes()
        strings = [joined[a:b].decode() for a, b in zip([0, *ends[:-1]], ends, strict=True)]
        self.continues = tensors["vocab.flags"] & 1 == 1
        self.asks = tensors["vocab.flags"] & 2 == 2
        self.surprisal = tensors["vocab.surprisal"].astype(np.int64)
        self.unknown = config["unknown"]
        names = [("##" if c else "") + s for s, c in zip(strings, self.continues, strict=True)]
        self.pieces = models.WordPiece(
            vocab={name: i for i, name in enumerate(names)},
            unk_token=names[self.unknown],
            max_input_chars_per_word=100,
        )
        double = {n: t.astype(np.float64) for n, t in tensors.items() if t.dtype != np.uint8}
        self.table = double["token.rows"] * double["token.scales"][:, None]
        self.u, self.bias_z, self.bias_h = (
            double["cell.u"],
            double["cell.bias_z"],
            double["cell.bias_h"],
        )
        self.head, self.head_bias = double["head.weights"], double["head.bias"]
        self.zeta, self.nu, self.lam = config["zeta"], config["nu"], config["lambda"]

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """One answer a text, in order; texts hold no surrogates and fit the scorers' limit."""
        read = [self._read(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: min(len(read[i][0]), FRONT + BACK))
        found: dict[int, Answer] = {}
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            found.update(zip(part, self._score([read[i] for i in part]), strict=True))
        return [found[i] for i in range(len(texts))]

    def _read(self, text: str) -> tuple[list[int], Floats]:
        ids: list[int] = []
        word_lengths: list[int] = []
        for word in words(text):
            ids += [token.id for token in self.pieces.tokenize(word)]
            if not stands_alone(word):
                word_lengths.append(len(word))
        return ids, self._cues(text, np.array(ids, np.int64), word_lengths)

    def _cues(self, text: str, ids: npt.NDArray[np.int64], word_lengths: list[int]) -> Floats:
        kept = "".join(c for c in text if not is_dropped(c))
        seen, chars = len(ids), len(kept)

        def share(pattern: str) -> float:
            return len(re.findall(pattern, kept)) / chars if chars else 0.0

        def saturated(value: float, half: float) -> float:
            return value / (value + half)

        return np.array(
            [
                saturated(seen, 32),
                saturated(seen, 256),
                saturated(kept.count("\n"), 4),
                saturated(sum(bool(re.match(r"[ (]*[A-J][.)]", x)) for x in kept.split("\n")), 4),
                saturated(kept.count("?"), 1),
                saturated(self.asks[ids].sum(), 1),
                saturated(len(re.findall(r"(?<![0-9])[0-9]", text)), 4),
                share("[0-9]"),
                share("[A-Z]"),
                share(r"[-+*/=<>^%|~$\\\u0370-\u03ff\u2070-\u209f\u2190-\u22ff]"),
                share(r"[]{}[();_#@&`]"),
                share("[.,:!'\"]"),
                share(r"[^\x00-\x7f]"),
                self.continues[ids].mean() if seen else 0.0,
                saturated(self.surprisal[ids].mean() if seen else 0.0, 64),
                saturated(float(np.mean(word_lengths)) if word_lengths else 0.0, 8),
            ]
        )

    def _score(self, read: Sequence[tuple[list[int], Floats]]) -> Iterator[Answer]:
        kept = [ids if len(ids) <= FRONT + BACK else ids[:FRONT] + ids[-BACK:] for ids, _ in read]
        lengths = np.array([len(ids) for ids in kept])
        padded = np.zeros((len(kept), max(lengths, default=0)), np.int64)
        for row, ids in enumerate(kept):
            padded[row, : len(ids)] = ids
        h = np.zeros((len(kept), len(self.u)))
        total = np.zeros_like(h)
        for t in range(padded.shape[1]):
            both = self.table[padded[:, t]] + h @ self.u
            z = logistic(both + self.bias_z)
            step = (self.zeta * (1 - z) + self.nu) * np.tanh(both + self.bias_h) + z * h
            h = np.where((t < lengths)[:, None], step, h)
            total += np.where((t < lengths)[:, None], h, 0)
        inputs = np.hstack(
            [h, total / np.maximum(lengths, 1)[:, None], np.array([cues for _, cues in read])]
        )
        head = self.head[: inputs.shape[1]]  # rows behind it fill the last byte of a mask
        logits = inputs @ head + self.head_bias
        probabilities = logistic(logits)
        failing = 1 - probabilities
        for row, (ids, _) in enumerate(read):
            p = probabilities[row]
            best = np.array([np.delete(p, m).max() for m in range(len(p))])
            yield Answer(
                n_seen=len(ids),
                n_unknown=ids.count(self.unknown),
                surprisal=int(self.surprisal[ids].sum()) if ids else 0,
                token_ids=kept[row],
                head_inputs=inputs[row],
                logits=logits[row],
                probabilities=p,
                scores=self.lam * (best - p) + (1 - self.lam) * failing[row],
            )


def logistic(x: Floats) -> Floats:
    """1 / (1 + e^−x) without overflow."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


@cache
def is_dropped(char: str) -> bool:
    """Whether clean-up removes a character with nothing left of it."""
    if _SPACE.match(char):
        return False
    if char in "\x00\ufffd" or unicodedata2.category(char) in ("Cc", "Cf", "Co", "Cs"):
        return True
    return all(unicodedata2.category(c) == "Mn" for c in unicodedata2.normalize("NFD", char))


def words(text: str) -> list[str]:
    """Cleaned words in order, by passes over the whole text as BERT makes them."""
    text = "".join(c for c in text if not is_dropped(c))
    text = _IDEOGRAPH.sub(r" \g<0> ", _SPACE.sub(" ", text))
    text = "".join(
        c for c in unicodedata2.normalize("NFD", text) if unicodedata2.category(c) != "Mn"
    )
    text = "".join(map(lower, text))
    text = "".join(f" {c} " if is_punctuation(c) else c for c in text)
    return [word for word in text.split(" ") if word]


@cache
def lower(char: str) -> str:
    """Lower case of a character; none for what is unassigned in the version of `unicodedata2`."""
    if char <= "\x7f":
        return char.lower()
    return char if unicodedata2.category(char) == "Cn" else _LOWER.normalize_str(char)


@cache
def is_punctuation(char: str) -> bool:
    """Whether BERT makes a word of a character: ASCII signs and categories P*."""
    if char < "\x7f":
        return re.match(r"[!-/:-@[-`{-~]", char) is not None
    return unicodedata2.category(char).startswith("P")


def stands_alone(word: str) -> bool:
    """Whether a word is punctuation or an ideograph."""
    return len(word) == 1 and (is_punctuation(word) or _IDEOGRAPH.match(word) is not None)

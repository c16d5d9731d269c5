"""The trimmed WordPiece vocabulary: the entries of MiniLM's that are kept, and their marks."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import category, name

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from tiny_dancer.model.spec import CONTINUATION, QUESTION_WORD

UNKNOWN = "[UNK]"
FRONT, BACK = 384, 128
"""Tokens kept at either end of a longer prompt."""

QUESTION_WORDS = frozenset(
    (
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "explain",
        "describe",
        "compare",
        "prove",
        "derive",
        "show",
        "calculate",
        "compute",
        "find",
        "determine",
        "write",
        "list",
        "summarize",
        "translate",
    )
)

WRITTEN_COUNT = 4
"""Times that a text in another language counts: there are few of them."""
LEAST_WORD = 4
"""Times that a word of these texts must occur to become an entry."""

EVERYDAY_SHARE = 0.5
_CHARACTER_RANK = 4_000
"""Rank of a single character, which the source lists by code point."""

_PRIOR_RANK = 12_000
"""Entries of the source vocabulary up to here are in falling order of frequency in its text."""


@dataclass(frozen=True)
class Vocabulary:
    """V entries; continuation pieces carry `##`, entry 0 is the unknown token."""

    entries: tuple[str, ...]
    surprisal: npt.NDArray[np.uint8]
    """[V] −log2 of the entry's share of text, in 1/8 bit: half the training prompts', half everyday
    text's, guessed from the entry's rank in the source vocabulary (Zipf's law)."""

    @property
    def flags(self) -> npt.NDArray[np.uint8]:
        """[V] bits of `model.spec`: continuation piece, question word."""
        return np.array(
            [
                CONTINUATION * entry.startswith("##") | QUESTION_WORD * (entry in QUESTION_WORDS)
                for entry in self.entries
            ],
            np.uint8,
        )

    def tokenizer(self) -> Tokenizer:
        """Return the `tokenizers` package's WordPiece over these entries."""
        return tokenizer_of(self.entries)


def tokenizer_of(entries: Sequence[str]) -> Tokenizer:
    """Return an uncased BERT WordPiece tokeniser over the entries; no special tokens, no cut."""
    model = models.WordPiece(
        vocab={entry: i for i, entry in enumerate(entries)},
        unk_token=UNKNOWN,
        max_input_chars_per_word=100,
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Iterable[str]) -> list[npt.NDArray[np.int32]]:
    """Return the ids of all tokens of each text."""
    clean = [t.encode("utf-8", "ignore").decode("utf-8") for t in texts]
    return [np.array(e.ids, np.int32) for e in tokenizer.encode_batch_fast(clean)]


def cut(ids: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the tokens the network sees: all, or the first FRONT and the last BACK."""
    return ids if len(ids) <= FRONT + BACK else np.concatenate([ids[:FRONT], ids[-BACK:]])


def build(
    source: Sequence[str],
    texts: Sequence[str],
    size: int = 8_000,
    written: Sequence[str] = (),
) -> Vocabulary:
    """Choose `size` entries of the source vocabulary (in its order) by the training texts.

    Single characters of the scripts that the source knows stay, so that Latin words always split;
    then entries rank by their count in the texts, with the source's own frequency order as a prior
    of a few counts, so that everyday words outside the texts are kept too.

    `written` are texts in the languages that are to be read beside English. Every character that
    occurs in them twice stays, at the head of a word and within one, so that any word in their
    scripts splits; each counts `WRITTEN_COUNT` times, and their frequent words are entries even
    where the source has none.
    """
    words, characters = _words(source, written)
    known = set(source)
    usable = [e for e in source if _reachable(e)]
    usable += [e for e in (*characters, *words) if e not in known]
    texts = [*texts, *(text for text in written for _ in range(WRITTEN_COUNT))]
    counts = np.zeros(len(usable))
    for ids in encode(tokenizer_of([UNKNOWN, *usable]), texts):
        counts += np.bincount(ids, minlength=len(usable) + 1)[1:]
    rank = np.arange(len(usable))
    prior = np.where(rank < _PRIOR_RANK, 30_000.0 / (rank + 200.0), 0.0)
    needed = set(characters)
    letters = np.array([_always(e) or e in needed for e in usable])
    value = counts + prior + letters * 1e9
    kept = np.sort(np.argsort(-value, kind="stable")[: size - 1])
    entries = (UNKNOWN, *(usable[i] for i in kept))
    return Vocabulary(entries, _surprisal(entries, usable, texts))


def _words(source: Sequence[str], written: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return frequent words of the texts, and their characters as entries, each sorted."""
    tokenizer = tokenizer_of([UNKNOWN, *source])
    words: Counter[str] = Counter()
    for text in written:
        clean = tokenizer.normalizer.normalize_str(text.encode("utf-8", "ignore").decode())
        words.update(w for w, _ in tokenizer.pre_tokenizer.pre_tokenize_str(clean))
    characters: Counter[str] = Counter()
    for word, count in words.items():
        for character in set(word):
            characters[character] += count
    often = sorted(c for c, n in characters.items() if n >= 2 and category(c)[0] in "LMN")
    pieces = [*often, *(f"##{c}" for c in often if not _is_ideograph(c))]
    often_words = (w for w, n in words.items() if n >= LEAST_WORD and w.isalpha() and len(w) > 1)
    return sorted(often_words), pieces


def _is_ideograph(character: str) -> bool:
    """Whether the tokeniser takes it for a word of its own, whatever surrounds it."""
    return name(character, "").startswith("CJK ")


def _reachable(entry: str) -> bool:
    """Special tokens are never produced, and ASCII signs never continue a word."""
    if entry.startswith("[") and entry.endswith("]") and len(entry) > 2:
        return False
    piece = entry.removeprefix("##")
    sign = len(piece) == 1 and piece.isascii() and not piece.isalnum()
    return bool(entry) and not (entry.startswith("##") and sign and len(entry) == 3)


def _always(entry: str) -> bool:
    piece = entry.removeprefix("##")
    first_of_word = not entry.startswith("##")
    return len(piece) == 1 and (piece.isascii() or (first_of_word and piece < "\u0590"))


def _surprisal(
    entries: Sequence[str], source: Sequence[str], texts: Sequence[str]
) -> npt.NDArray[np.uint8]:
    counts = np.zeros(len(entries))
    for ids in encode(tokenizer_of(entries), texts):
        counts += np.bincount(ids, minlength=len(entries))
    longer = [entry for entry in source if len(entry.removeprefix("##")) > 1]
    rank = {entry: i for i, entry in enumerate(longer)}
    everyday = np.array([1 / (rank.get(entry, _CHARACTER_RANK) + 50) for entry in entries])
    share = (counts + 0.5) / (counts + 0.5).sum()
    share = (1 - EVERYDAY_SHARE) * share + EVERYDAY_SHARE * everyday / everyday.sum()
    bits = -np.log2(share)
    bits[0] = bits.max()
    return np.minimum(np.rint(bits * 8), 255).astype(np.uint8)

"""Attacks on the tensors, each behind a right hash: shapes, numbers, vocabulary, calibration."""

import math
from dataclasses import asdict

from attacks.files import GOOD, PLAIN, drop, rewritten, set_config, set_element, set_tensor
from random_bundle import CANDIDATE

from tiny_dancer.model.safetensors import parse

TABLE = parse(GOOD)[1]
NAN, INF = math.nan, math.inf
FLOATS = [name for name, (dtype, _, _) in TABLE.items() if dtype == "F32"]


def reshaped(name, *shape):
    """The tensor in another shape of as many elements, or longer or shorter."""
    dtype = TABLE[name][0]
    size = {"F32": 4, "U16": 2}.get(dtype, 1) * math.prod(shape)
    return rewritten(set_tensor(name, dtype, list(shape), bytes(size)))


def element(name, index, value):
    return rewritten(set_element(name, index, value))


def vocabulary(old, new, **flags):
    """A file with bytes of the vocabulary replaced, and flags of entries set."""

    def change(_, tensors):
        dtype, shape, raw = tensors["vocab.strings"]
        assert raw.count(old) == 1 and len(old) == len(new)
        tensors["vocab.strings"] = (dtype, shape, raw.replace(old, new))

    marks = [set_element("vocab.flags", int(at[1:]), flag) for at, flag in flags.items()]
    return rewritten(change, *marks)


SHAPES = {
    **{f"{name} missing": (rewritten(drop(name)), f"tensors: {name} missing") for name in TABLE},
    "a tensor more": (
        rewritten(set_tensor("cell.w", "F32", [1], bytes(4))),
        "tensors: 'cell.w' is not part of a bundle",
    ),
    "candidates half there": (
        rewritten(drop("candidate.u", "candidate.head")),
        "tensors: candidate.head, candidate.u missing",
    ),
    "candidates without their constants": (
        rewritten(lambda m, _: m.update(config=parse(PLAIN)[0]["config"])),
        "config: exactly .*, candidate are needed",
    ),
    "constants without their candidates": (
        rewritten(set_config(candidate=asdict(CANDIDATE)), data=PLAIN),
        "config: exactly",
    ),
    "weights in one axis": (reshaped("cell.u", 256), r"cell.u: F32 with axes .*, got F32 \[256\]"),
    "weights not square": (reshaped("cell.u", 8, 32), r"cell.u: shape \[16, 16\] is needed"),
    "weights turned over": (reshaped("head.weights", 2, 48), "head.weights: M = 48 is outside"),
    "candidate weights turned over": (
        reshaped("candidate.w", 8, 5),
        r"candidate.w: shape \[5, 8\]",
    ),
    "project of another H": (reshaped("candidate.project", 32, 8), "candidate.project: shape"),
    "rows without sign": (
        rewritten(set_tensor("token.rows", "U8", [60, 16], bytes(960))),
        "token.rows: I8 with axes",
    ),
    "float rows beside scales": (
        rewritten(set_tensor("token.rows", "F32", [60, 16], bytes(3840))),
        "tensors: 'token.scales' is not part",
    ),
    "H of 17": (reshaped("token.rows", 60, 17), "token.rows: H = 17 is outside its bound"),
    "H of 80": (reshaped("token.rows", 60, 80), "token.rows: H = 80 is outside its bound"),
    "V of 0": (reshaped("vocab.lengths", 0), "vocab.lengths: V = 0 is outside its bound"),
    "V of 32,769": (reshaped("vocab.lengths", 32_769), "vocab.lengths: V = 32769 is outside"),
    "S above a mebibyte": (reshaped("vocab.strings", (1 << 20) + 1), "vocab.strings: S = 1048577"),
    "wrong M": (reshaped("head.bias", 3), r"head.bias: shape \[2\] is needed, got \[3\]"),
    "M of 1": (
        rewritten(set_tensor("head.weights", "F32", [48, 1], bytes(192))),
        "head.weights: M = 1 is outside its bound",
    ),
    "M of 17": (
        rewritten(set_tensor("head.weights", "F32", [48, 17], bytes(3264))),
        "head.weights: M = 17 is outside its bound",
    ),
    "qualities of three models": (
        reshaped("calibration.quality", 32, 3),
        r"calibration.quality: shape \[32, 2\]",
    ),
    "N of 65,537": (
        reshaped("calibration.score", 65_537),
        "calibration.score: N = 65537 is outside",
    ),
    "interval table too short": (
        reshaped("calibration.interval", 32, 2),
        r"calibration.interval: shape \[33, 2\] is needed, got \[32, 2\]",
    ),
}

VALUES = {
    **{
        f"NaN in {name}": (element(name, 0, NAN), f"^{name}: element 0 is not finite")
        for name in FLOATS
    },
    **{
        f"infinity in {name}": (element(name, 1, -INF), f"^{name}: element 1 is not finite")
        for name in FLOATS
    },
    **{
        f"{name} beyond its bound": (element(name, 0, 1.1e6), f"^{name}: element 0 is beyond")
        for name in FLOATS
    },
    "scale below zero": (element("token.scales", 3, -1e-9), "token.scales: an element is negative"),
    "confidence below zero": (
        element("calibration.confidence", 31, -0.5),
        "calibration.confidence: an element is negative",
    ),
    "calibration not sorted": (
        element("calibration.score", 0, 1.5),
        "calibration.score: rows must be sorted by score, then confidence",
    ),
    "equal scores, confidence not sorted": (
        rewritten(
            set_element("calibration.score", 0, -1.0),
            set_element("calibration.score", 1, -1.0),
            set_element("calibration.confidence", 0, 0.9),
            set_element("calibration.confidence", 1, 0.1),
        ),
        "calibration.score: rows must be sorted",
    ),
    "candidates' calibration not sorted": (
        element("candidate.calibration.confidence", 0, 1.0),
        "candidate.calibration.confidence: rows must be sorted by confidence",
    ),
    "served well twice": (
        element("candidate.calibration.works", 0, 2),
        "candidate.calibration.works: an element is neither 0 nor 1",
    ),
    "interval above one": (
        element("calibration.interval", 1, 10_001),
        "calibration.interval: row 0 is not an interval",
    ),
    "interval turned over": (
        element("calibration.interval", 60, 10_000),
        "calibration.interval: row 30 is not an interval",
    ),
    "candidates' interval turned over": (
        element("candidate.calibration.interval", 2, 65_535),
        "candidate.calibration.interval: row 1 is not an interval",
    ),
}

VOCABULARY = {
    "entry of no length": (element("vocab.lengths", 2, 0), "vocab.lengths: entries of 1 to 255"),
    "entry beyond the strings": (element("vocab.lengths", 59, 2), "vocab.lengths: .* fill"),
    "strings longer than the entries": (
        rewritten(
            lambda _, t: t.update(
                {
                    "vocab.strings": (
                        "U8",
                        [t["vocab.strings"][1][0] + 1],
                        t["vocab.strings"][2] + b"x",
                    )
                }
            )
        ),
        "vocab.lengths: .* fill",
    ),
    "unknown flag": (element("vocab.flags", 2, 4), "vocab.flags: an entry has an unknown flag"),
    "entry not UTF-8": (vocabulary(b"what", b"w\xffat"), "vocab.strings: an entry is not UTF-8"),
    "entry a surrogate": (
        vocabulary(b"infor", b"in\xed\xa0\x80"),
        "vocab.strings: an entry is not UTF-8",
    ),
    "letter across two entries": (
        vocabulary(b"whatis", b"wha\xc3\xa9s"),
        "vocab.strings: an entry is not UTF-8",
    ),
    "entry twice": (
        vocabulary(b"theofand", b"theofthe", _3=0, _5=0),
        "vocab.strings: an entry occurs twice",
    ),
    "entry twice, once a question word": (
        vocabulary(b"theofand", b"theofthe", _3=0, _5=2),
        "vocab.strings: an entry occurs twice",
    ),
}

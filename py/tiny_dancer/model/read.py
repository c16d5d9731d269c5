"""From bytes to a validated `Bundle`; whatever is not exactly of the spec is refused."""

import hashlib
from dataclasses import replace
from os import PathLike
from typing import Any

from ..checks import shown
from ..errors import BundleError, InvalidInputError, PolicyError
from ..files.foreign import HEAD, recognize
from ..files.input import name_of, read_file
from ..policy import Policy
from ..strict_json import parse_object
from . import safetensors, sparse
from .bundle import Bundle, BundleConfig, CandidateConfig, find_name_fault
from .check import check_shapes, check_values, check_vocabulary
from .spec import FORMAT, FORMAT_VERSION, MAX_FILE_BYTES, UNICODE_VERSION

_METADATA = (
    "format",
    "format_version",
    "unicode_version",
    "config",
    "policy",
    "provenance",
    "sha256",
)
_ZEROS = b"0" * 64
_MOST = MAX_FILE_BYTES + 1


def read_bundle(source: bytes | str | PathLike[str], *, checked: str | None = None) -> Bundle:
    """Read and check a bundle that can be served, from a path or from its bytes.

    Args:
        source: a path, or the file's bytes.
        checked: hash of a bundle whose elements were all checked before. Where it is this one's,
            which its content has to confirm, they are not checked again.

    Raises:
        BundleError: the file cannot be read, is not a valid bundle, or holds a float model; the
            message names the fault.
    """
    bundle = read_model(source, checked=checked)
    if bundle.is_float:
        raise BundleError(
            "token.rows: int8 is needed, got a float model; "
            "quantize it first: Model.load(...).quantize()"
        )
    return bundle


def read_model(source: bytes | str | PathLike[str], *, checked: str | None = None) -> Bundle:
    """The same for a bundle of either form, int8 or float.

    Args:
        source: as for `read_bundle`.
        checked: as there.

    Raises:
        BundleError: the file cannot be read or is not a valid bundle; the message names the fault.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return _read(bytes(memoryview(source)[:_MOST]), checked)
    try:
        data = read_file(source, _MOST)
    except InvalidInputError as error:
        raise BundleError(str(error)) from None
    try:
        return _read(data, checked)
    except BundleError as error:
        raise BundleError(f"{name_of(source)}: {error}") from None


def _read(data: bytes, checked: str | None) -> Bundle:
    if (what := recognize(data[:HEAD])) not in (None, "a bundle"):
        raise BundleError(f"this is {what}; a bundle is needed")
    metadata, entries = safetensors.parse(data)
    _check_metadata(metadata)
    _check_hash(data, metadata["sha256"])
    entries = sparse.expanded(entries)
    sizes = check_shapes({name: (dtype, shape) for name, (dtype, shape, _) in entries.items()})
    tensors = {name: values for name, (_, _, values) in entries.items()}
    config = _config(_json(metadata, "config"), sizes)
    bundle = Bundle(
        tensors=tensors,
        sizes=sizes,
        config=config,
        policy=_policy(metadata, metadata["sha256"]),
        provenance=_json(metadata, "provenance"),
        bundle_hash=metadata["sha256"],
        n_bytes=len(data),
    )
    if bundle.bundle_hash != checked:
        check_values(tensors)
        check_vocabulary(bundle)
    return bundle


def content_hash(data: bytes, written: str) -> str:
    """SHA-256 over the file, the digits of the hash itself taken as zeros."""
    if data.count(written.encode()) != 1:
        raise BundleError("sha256: its digits must stand in the file exactly once")
    return hashlib.sha256(data.replace(written.encode(), _ZEROS, 1)).hexdigest()


def _check_metadata(metadata: dict[str, str]) -> None:
    if sorted(metadata) != sorted(_METADATA):
        raise BundleError(f"metadata: exactly {', '.join(_METADATA)} are needed")
    for name, want in (
        ("format", FORMAT),
        ("format_version", FORMAT_VERSION),
        ("unicode_version", UNICODE_VERSION),
    ):
        if metadata[name] != want:
            raise BundleError(f"{name}: {metadata[name]!r:.40}, {want!r} is needed")


def _check_hash(data: bytes, written: str) -> None:
    if len(written) != 64 or not set(written) <= set("0123456789abcdef"):
        raise BundleError("sha256: 64 hexadecimal digits are needed")
    actual = content_hash(data, written)
    if actual != written:
        raise BundleError(
            f"sha256: the content's is {actual[:12]}…, the file says {written[:12]}…: "
            "it was changed or damaged"
        )


def _json(metadata: dict[str, str], name: str) -> dict[str, Any]:
    try:
        return parse_object(metadata[name])
    except ValueError as error:
        raise BundleError(f"{name}: not JSON as expected: {error}") from None


def _config(raw: dict[str, Any], sizes: dict[str, int]) -> BundleConfig:
    names = ["models", "lambda", "zeta", "nu", "unknown", "unfamiliar"]
    names += ["candidate"] if "C" in sizes else []
    if set(raw) != set(names):
        raise BundleError(f"config: exactly {', '.join(names)} are needed")
    models, unfamiliar = raw["models"], raw["unfamiliar"]
    if not isinstance(models, list) or len(models) != sizes["M"]:
        raise BundleError(f"config: models must be {sizes['M']} names")
    if fault := find_name_fault(models):
        at, what = fault
        raise BundleError(f"config: models[{at}] ({shown(models[at], 40)}): {what}")
    for name in ("lambda", "zeta", "nu"):
        if not _number(raw[name]) or not 0 <= raw[name] <= 1:
            raise BundleError(f"config: {name} must be a number in [0, 1]")
    if type(raw["unknown"]) is not int or not 0 <= raw["unknown"] < sizes["V"]:
        raise BundleError(f"config: unknown must be a token id below {sizes['V']}")
    if (
        not isinstance(unfamiliar, list)
        or len(unfamiliar) != 2
        or not all(map(_number, unfamiliar))
    ):
        raise BundleError("config: unfamiliar must be two numbers")
    return BundleConfig(
        models=tuple(models),
        lam=float(raw["lambda"]),
        zeta=float(raw["zeta"]),
        nu=float(raw["nu"]),
        unknown=raw["unknown"],
        unfamiliar=(float(unfamiliar[0]), float(unfamiliar[1])),
        candidate=_candidate(raw["candidate"]) if "candidate" in raw else None,
    )


def _candidate(raw: object) -> CandidateConfig:
    bounds = {
        "zeta": (0, 1),
        "nu": (0, 1),
        "bias": (-1e6, 1e6),
        "half_life_s": (1, 1e10),
        "count_cap": (1, 1 << 32),
        "threshold": (0, 1),
    }
    if not isinstance(raw, dict) or set(raw) != set(bounds):
        raise BundleError(f"config: candidate needs exactly {', '.join(bounds)}")
    for name, (low, high) in bounds.items():
        if not _number(raw[name]) or not low <= raw[name] <= high:
            raise BundleError(f"config: candidate.{name} must be a number in [{low:g}, {high:g}]")
    if type(raw["count_cap"]) is not int:
        raise BundleError("config: candidate.count_cap must be a whole number")
    return CandidateConfig(**raw)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _policy(metadata: dict[str, str], bundle_hash: str) -> Policy:
    try:
        policy = Policy.from_dict(_json(metadata, "policy"))
    except PolicyError as error:
        raise BundleError(f"policy: {error}") from None
    if policy.bundle_hash is not None:
        raise BundleError("policy: inside a bundle it must not name a bundle")
    return replace(policy, bundle_hash=bundle_hash)

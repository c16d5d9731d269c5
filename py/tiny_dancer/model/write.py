"""From tensors to the bytes of a bundle."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..policy import Policy
from . import safetensors, sparse
from .bundle import BundleConfig
from .read import read_model
from .spec import FORMAT, FORMAT_VERSION, UNICODE_VERSION, table


def write_bundle(
    tensors: Mapping[str, tuple[list[int], bytes]],
    config: BundleConfig,
    policy: Policy,
    provenance: Mapping[str, Any],
) -> bytes:
    """The file of a bundle; the same arguments give the same bytes.

    Args:
        tensors: name to shape and little-endian elements in row order, for every name of the spec
            (with or without the candidates' group). Without `token.scales` it is a float model.
        config: constants of the model.
        policy: the default policy, with `bundle_hash` None.
        provenance: JSON-ready facts about how the model came to be.

    Raises:
        BundleError: what was given does not make a valid bundle.
    """
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "unicode_version": UNICODE_VERSION,
        "config": _json(config.to_dict()),
        "policy": _json(policy.to_dict()),
        "provenance": _json(provenance),
        "sha256": "0" * 64,
    }
    known = table(tensors, "token.scales" not in tensors)
    entries = sparse.stored(
        {
            name: (known[name].dtype if name in known else "U8", list(shape), raw)
            for name, (shape, raw) in tensors.items()
        }
    )
    blank = safetensors.serialize(metadata, entries)
    metadata["sha256"] = hashlib.sha256(blank).hexdigest()
    data = safetensors.serialize(metadata, entries)
    read_model(data)
    return data


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)

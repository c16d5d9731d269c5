"""A validated bundle in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from ..policy import Policy
from ..policy.preference import AUTO, LIGHT, POWERFUL
from .spec import Tensors, size_of, table


def is_model_name(value: object) -> bool:
    """True for a text of 1 to 100 printable characters."""
    return isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable()


def find_name_fault(models: Sequence[Any]) -> tuple[int, str] | None:
    """Index and fault of the first malformed name of models, cheapest first; None without one.

    Clients ask by these names and headers carry them, so a space is none of theirs, and `auto`,
    `light` and `powerful` mean the same in every bundle.
    """
    for at, name in enumerate(models):
        if not is_model_name(name) or any(map(str.isspace, name)):
            return at, "a model's name has 1 to 100 printable characters and no space"
        if name in models[:at]:
            return at, "another model has this name; different names are needed"
        if name.partition(":")[0] == AUTO:
            return at, "auto is the router's own choice; a model needs another name"
        if (name == LIGHT and at > 0) or (name == POWERFUL and at < len(models) - 1):
            return at, "light is the name of the first alone, powerful that of the last"
    return None


@dataclass(frozen=True, slots=True)
class CandidateConfig:
    """The constants of the candidate step.

    Attributes:
        zeta, nu: the two scalars of its FastGRNN, in [0, 1].
        bias: bias of its logistic head.
        half_life_s: age in seconds at which recency is one half.
        count_cap: access count at which frequency reaches one.
        threshold: confidence from which a candidate counts as light.
    """

    zeta: float
    nu: float
    bias: float
    half_life_s: float
    count_cap: int
    threshold: float


@dataclass(frozen=True, slots=True)
class BundleConfig:
    """The constants of a model.

    Attributes:
        models: names of the models, cheapest first; the last is the powerful one.
        lam: λ of the routing score, in [0, 1].
        zeta, nu: the two scalars of FastGRNN, in [0, 1] (binary32 values).
        unknown: id of the token for words outside the vocabulary.
        unfamiliar: (a, b): a prompt is unfamiliar where its surprisal, in 1/8 bit, exceeds
            a + b · tokens seen.
        candidate: constants of the candidate step; None where the bundle scores no candidates.
    """

    models: tuple[str, ...]
    lam: float
    zeta: float
    nu: float
    unknown: int
    unfamiliar: tuple[float, float]
    candidate: CandidateConfig | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object kept under `config` in the file."""
        plain = {
            "models": list(self.models),
            "lambda": self.lam,
            "zeta": self.zeta,
            "nu": self.nu,
            "unknown": self.unknown,
            "unfamiliar": list(self.unfamiliar),
        }
        if self.candidate is not None:
            plain["candidate"] = asdict(self.candidate)
        return plain


class Content(NamedTuple):
    """What `write_bundle` makes a file of, in the order of its arguments."""

    tensors: Tensors
    config: BundleConfig
    policy: Policy
    provenance: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that passed every check of `read_bundle`, or of `read_model` in float form.

    Attributes:
        tensors: name to flat elements (memoryview of format B, b, H or f), as `spec.table` says.
        sizes: the symbols V, H, M, N, S of the spec, and C where it scores candidates.
        config: constants of the model.
        policy: the default policy, with `bundle_hash` filled in.
        provenance: what the model was made from (free JSON).
        bundle_hash: SHA-256 over the whole file with the hash's own digits as zeros.
        n_bytes: size of the file.
    """

    tensors: Mapping[str, memoryview]
    sizes: Mapping[str, int]
    config: BundleConfig
    policy: Policy
    provenance: Mapping[str, Any]
    bundle_hash: str
    n_bytes: int

    @property
    def is_float(self) -> bool:
        """True of a float model, which no scorer takes."""
        return "token.scales" not in self.tensors

    def vocabulary(self) -> list[tuple[str, int]]:
        """Every entry in order of its id: its string (without `##`) and its flags."""
        strings = bytes(self.tensors["vocab.strings"])
        entries, start = [], 0
        for length, flags in zip(
            self.tensors["vocab.lengths"], self.tensors["vocab.flags"], strict=True
        ):
            entries.append((strings[start : start + length].decode(), flags))
            start += length
        return entries

    def with_(
        self,
        tensors: Mapping[str, tuple[list[int], bytes]] | None = None,
        *,
        config: BundleConfig | None = None,
        policy: Policy | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> Content:
        """The content of this bundle with some of it in place of its own, for `write_bundle`.

        Args:
            tensors: name to shape and elements, of those that change or come.
            config: other constants.
            policy: another default policy; which bundle it names is not looked at.
            provenance: facts to add.
        """
        spec, sizes = table(self.tensors, self.is_float), dict(self.sizes)
        own = {
            name: ([size_of(symbol, sizes) for symbol in spec[name].shape], values.tobytes())
            for name, values in self.tensors.items()
        }
        return Content(
            own | dict(tensors or {}),
            config or self.config,
            replace(policy or self.policy, bundle_hash=None),
            {**self.provenance, **(provenance or {})},
        )

"""Batches of rows in, the same rows with their decisions out: what every engine calls."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...errors import InvalidInputError
from ...files.input import read_file, read_text
from ...model.spec import MAX_FILE_BYTES
from ...policy import Policy, decide
from ...router import Router
from .columns import COLUMNS, add_columns, read_column


@dataclass(frozen=True)
class RouteBatch:
    """Decides for every row of a batch; can be pickled, and loads its router once a process.

    The bundle travels with it, so that a worker needs the package alone. A row that cannot be
    decided says why in `td_error` and has an empty `td_model`; an empty text is decided
    (`empty_prompt`, the powerful model). Breakers and stores are left out: the same rows give the
    same columns in any process.

    Args:
        model: bundle to decide by, a path or its bytes; the shipped one where left out.
        policy: the rule, a `Policy` or the path of its file; the bundle's own where left out.
        prompt: name of the column that holds the prompts.

    Raises:
        BundleError: the bundle is not valid.
        PolicyError: the file holds no policy.
    """

    model: str | Path | bytes | None = None
    policy: Policy | str | Path | None = None
    prompt: str = "prompt"

    def __post_init__(self) -> None:
        """Read the files here, once, and refuse what no worker could use."""
        if isinstance(self.model, str | Path):
            object.__setattr__(self, "model", read_file(self.model, MAX_FILE_BYTES + 1))
        if isinstance(self.policy, str | Path):
            object.__setattr__(self, "policy", Policy.from_json(read_text(self.policy)))
        self.router  # noqa: B018 - opened for what it raises

    def __call__(self, batch: Any) -> Any:
        """The batch with six more columns, of the kind it came in.

        Args:
            batch: a dict of lists or arrays, a pandas frame, or an Arrow table or record batch.

        Raises:
            InvalidInputError: it is none, or has no such column.
        """
        return add_columns(batch, self.decide(read_column(batch, self.prompt)))

    def decide(self, prompts: Iterable[Any]) -> dict[str, list[Any]]:
        """The six columns by name; None where a row has no such number or text."""
        columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        add = [column.append for column in columns.values()]
        router = self.router
        for prompt in prompts:
            for append, value in zip(add, _decide(router, prompt), strict=True):
                append(value)
        return columns

    @property
    def bundle_hash(self) -> str:
        """SHA-256 of the bundle that decides."""
        bundle = self.router.bundle
        return bundle.bundle_hash if bundle else ""

    @property
    def policy_id(self) -> str | None:
        """The policy that decides."""
        return self.router.score("", candidates=()).policy_id

    @property
    def router(self) -> Router:
        """The router of this process for the bundle and the policy."""
        return _open_router(self.model, self.policy)


@lru_cache(maxsize=4)
def _open_router(model: Any, policy: Any) -> Router:
    return Router(model=model, policy=policy)


def _decide(router: Router, prompt: Any) -> tuple[Any, ...]:
    """In the order of `COLUMNS`."""
    if not isinstance(prompt, str):
        return "", None, None, None, None, f"prompt: a text is needed, got {_kind(prompt)}"
    try:
        scored = router.score(prompt, candidates=())
    except InvalidInputError as error:
        return "", None, None, None, None, str(error)
    model, reason = decide(scored, scored.rule)
    return model, scored.confidence, scored.uncertainty, scored.score, str(reason), None


def _kind(value: Any) -> str:
    name = type(value).__name__
    if value is None or name in ("NAType", "NaTType"):  # pandas' own are not equal to anything
        return "nothing"
    return "nothing" if name.startswith("float") and value != value else name

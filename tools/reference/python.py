"""The Python part of the reference: classes, functions, errors and reasons of public modules."""

import inspect
import typing
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from typing import Any, Final, is_typeddict

from tiny_dancer.history import DecisionRecord, HistoryStore, OutcomeFields

from .docstring import Docstring, parse

MODULES: Final = (
    "tiny_dancer",
    "tiny_dancer.config",
    "tiny_dancer.policy",
    "tiny_dancer.decisions",
    "tiny_dancer.history",
    "tiny_dancer.model",
    "tiny_dancer.gateway",
)
"""Modules whose `__all__` is public."""

SHARED: Final = {
    "after": "the sequence number after which to begin",
    "candidate": "a `Candidate`, or the name of a resident one",
    "candidate_id": "name of a candidate",
    "caller": "name of the key that a request came with",
    "candidates": "the candidates",
    "changes": "fields of the candidate to change",
    "choice": "the model that takes the request, and why",
    "config": "settings; the defaults where left out",
    "decision_id": "a response's `decision_id`",
    "events": "what to keep beside the state",
    "kind": "which kind of record or state",
    "limit": "at most so many",
    "lines": "lines of an export",
    "metadata": "key=value pairs",
    "mode": "`Mode.FORCED_OPEN`, `Mode.FORCED_CLOSED`, or None",
    "model": "name of a model, or `light` or `powerful`",
    "models": "names of models",
    "name": "name of the state or key",
    "numbers": "what `Router.score` gave",
    "offset": "so many are left out at the front",
    "options": "the constructor's other arguments",
    "outcome": "what became of a decision",
    "outcomes": "what became of decisions",
    "path": "a file",
    "prompts": "texts",
    "q": "a share in (0, 1)",
    "query_embedding": "the numbers that were compared",
    "raw": "the JSON-ready form",
    "reason": "see `Reason`",
    "records": "what was decided",
    "request": "an HTTP request",
    "rows": "records as an export holds them",
    "scored": "what `Router.score` gave",
    "secret": "gives a secret by the name that the settings hold",
    "sha256": "hash of the key, hexadecimal",
    "source": "a path or the bytes of a bundle; the same file again where left out",
    "store": "a `HistoryStore`",
    "text": "a text",
    "vectors": "their embeddings, all of one length",
    "version": "the version that was read; 0 where there is none",
    "where": "only those with this value",
}
"""What arguments of methods mean whose docstrings do not repeat it."""


FIELDS: Final = {
    name: meaning
    for record in (DecisionRecord, OutcomeFields)
    for name, meaning in parse(record).entries["Attributes"].items()
}
"""What the fields of records mean; several records have them."""


class UndescribedError(Exception):
    """A public argument or field has no description."""


def write_python() -> Iterator[str]:
    """The lines of the part.

    Raises:
        UndescribedError: names the argument or field.
    """
    seen: set[int] = set()
    for name in MODULES:
        module = import_module(name)
        yield f"## `{name}`"
        yield ""
        yield parse(module).summary
        yield ""
        errors = []
        for public in module.__all__:
            thing = getattr(module, public)
            if id(thing) in seen or not getattr(thing, "__doc__", None):
                continue
            seen.add(id(thing))
            if isinstance(thing, type) and issubclass(thing, Exception):
                errors.append(thing)
            elif is_typeddict(thing):
                continue  # its fields stand where they are taken
            elif isinstance(thing, type):
                yield from _write_class(public, thing)
            elif callable(thing):
                yield from _write_function(f"### `{public}`", thing, public)
        if errors:
            yield from _write_errors(errors)


def _write_class(name: str, cls: type) -> Iterator[str]:
    said = parse(cls)
    yield f"### `{name}`"
    yield ""
    yield said.text.replace("\n", " ").replace("  ", "\n\n")
    yield ""
    if issubclass(cls, Enum):
        yield from _write_values(name, cls, said)
        return
    entries: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        told = parse(one).entries if one is not object else {}
        entries |= told.get("Args", {}) | told.get("Attributes", {})
    if not getattr(cls, "_is_protocol", False):
        yield from _write_arguments(name, cls, entries)
    yield from _write_raises(said)
    for member, value in vars(cls).items():
        if member.startswith("_") or _repeats(member, cls):
            continue
        if isinstance(value, property):
            yield f"- `{member}`: {parse(value).summary}"
            yield ""
        elif isinstance(value, classmethod | staticmethod) or inspect.isfunction(value):
            function = getattr(cls, member)
            yield from _write_function(f"#### `{name}.{member}`", function, f"{name}.{member}")


def _repeats(member: str, cls: type) -> bool:
    """True for a method of a store that the contract describes."""
    return cls is not HistoryStore and member in vars(HistoryStore) and cls.__name__ != "Storage"


def _write_values(name: str, cls: type[Enum], said: Docstring) -> Iterator[str]:
    yield "| value | meaning |"
    yield "| --- | --- |"
    for member in cls:
        meaning = said.entries.get("Attributes", {}).get(member.name)
        if meaning is None:
            raise UndescribedError(f"{name}.{member.name}: its meaning is missing")
        yield f"| `{member.value}` | {meaning} |"
    yield ""


def _write_function(title: str, function: Any, name: str) -> Iterator[str]:
    said = parse(function)
    is_async = inspect.iscoroutinefunction(function)
    yield f"{title}{' (await)' if is_async else ''}"
    yield ""
    yield said.text.replace("\n", " ").replace("  ", "\n\n")
    yield ""
    inherited: dict[str, str] = {}
    for other in ("route", "score"):
        if f"`{other}`" in said.text and "arguments" in said.text and "." in name:
            owner = import_module("tiny_dancer").Router
            inherited = parse(getattr(owner, other)).entries.get("Args", {})
    yield from _write_arguments(name, function, inherited | said.entries.get("Args", {}))
    yield from _write_raises(said)


def _write_arguments(name: str, thing: Any, entries: dict[str, str]) -> Iterator[str]:
    rows = []
    for parameter, said in _parameters(thing):
        meaning = (
            entries.get(parameter.name)
            or said
            or SHARED.get(parameter.name)
            or FIELDS.get(parameter.name)
        )
        if meaning is None:
            raise UndescribedError(f"{name}({parameter.name}): its description is missing")
        rows.append(f"| `{parameter.name}` | {_default(parameter)} | {meaning} |")
    if rows:
        yield "| argument | default | |"
        yield "| --- | --- | --- |"
        yield from (row.replace("\n", " ") for row in rows)
        yield ""


def _parameters(thing: Any) -> Iterator[tuple[inspect.Parameter, str | None]]:
    """The arguments, those of a typed `**fields` one by one and with what their type says."""
    hints = getattr(thing, "__annotations__", {})
    for parameter in inspect.signature(thing).parameters.values():
        if (
            parameter.name in ("self", "cls", "router", "_")
            or parameter.kind is parameter.VAR_POSITIONAL
        ):
            continue
        unpacked = typing.get_args(hints.get(parameter.name))
        if parameter.kind is parameter.VAR_KEYWORD and unpacked:
            said = parse(unpacked[0]).entries["Attributes"]
            for field in unpacked[0].__annotations__:
                one = parameter.replace(name=field, kind=parameter.KEYWORD_ONLY, default=None)
                yield one, said.get(field)
        else:
            yield parameter, None


def _default(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_KEYWORD:
        return "none"
    if parameter.default is parameter.empty:
        return "needed"
    value = parameter.default
    text = getattr(value, "__qualname__", repr(value)) if callable(value) else repr(value)
    return f"`{text}`" if len(text) < 40 and "<" not in text and "object at" not in text else "made"


def _write_raises(said: Docstring) -> Iterator[str]:
    for error, why in said.entries.get("Raises", {}).items():
        yield f"- raises `{error}`: {why}"
    if "Raises" in said.entries:
        yield ""


def _write_errors(errors: list[type]) -> Iterator[str]:
    yield "### Errors"
    yield ""
    yield "| error | is a | says |"
    yield "| --- | --- | --- |"
    for error in errors:
        bases = ", ".join(f"`{base.__name__}`" for base in error.__bases__)
        yield f"| `{error.__name__}` | {bases} | {parse(error).summary} |"
    yield ""

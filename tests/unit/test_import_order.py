"""Imports go down only, so that a reader of one layer needs none of those above it."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import tiny_dancer

PACKAGE = Path(tiny_dancer.__file__).parent
LAYERS = [
    {"__init__"},
    {"cli"},
    {"gateway", "evaluate", "integrations"},
    {"train", "report"},
    {"decisions"},
    {"router"},
    {"trust", "adapter"},
    {"adapt"},
    {"explanation"},
    {"service", "loaded_bundle", "policy_follower", "preparation", "calibrator", "score", "stamp"},
    {"hosts", "history"},
    {"scoring", "drift"},
    {"calibration"},
    {"model"},
    {"policy", "breaker", "request"},
    {"candidates"},
    {"config", "response", "reason"},
    {"tables"},
    {"files", "checks", "errors", "strict_json", "text", "turns", "uncopyable"},
]
DEPTH = {name: depth for depth, names in enumerate(LAYERS) for name in names}


def imports(tree: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    """Modules that are really imported, not for their types alone; dotted."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, node.module or "")).rstrip(".")
            yield from (f"{module}.{a.name}" for a in node.names)
        else:
            yield from imports(node, package)


def own_imports() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """(importing file, imported file), each as a path of names below the package."""
    for path in PACKAGE.rglob("*.py"):
        here = path.relative_to(PACKAGE).with_suffix("").parts
        for module in imports(ast.parse(path.read_text("utf-8")), ("tiny_dancer", *here[:-1])):
            first, *rest = module.split(".")
            if first == "tiny_dancer" and (found := _file(tuple(rest))) not in (None, here):
                yield here, found


def _file(names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The file that a dotted name stands in; a folder's is its `__init__`."""
    for end in range(len(names), 0, -1):
        path = PACKAGE.joinpath(*names[:end])
        if path.with_suffix(".py").is_file():
            return names[:end]
        if (path / "__init__.py").is_file():
            return (*names[:end], "__init__")
    return None


def test_every_part_has_a_layer():
    parts = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert parts - {"__pycache__", "data"} == set(DEPTH)


def test_imports_go_down_only():
    wrong = {
        (".".join(here), there[0])
        for here, there in own_imports()
        if there[0] != here[0] and DEPTH[there[0]] < DEPTH[here[0]]
    }
    assert not wrong


def test_no_folder_has_parts_that_import_each_other_in_a_circle():
    """Files and folders side by side, on every level; an `__init__` only hands names on."""
    edges: dict[tuple[str, ...], dict[str, set[str]]] = {}
    for here, there in own_imports():
        depth = next(i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b)
        a, b = here[depth], there[depth]
        if "__init__" not in (a, b):
            edges.setdefault(here[:depth], {}).setdefault(a, set()).add(b)
    circles = []
    for folder, graph in edges.items():
        try:
            tuple(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circles.append((".".join(folder), error.args[1]))
    assert not circles

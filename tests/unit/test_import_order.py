"""Imports go down only, so that a reader of one layer needs none of those above it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import tiny_dancer

PACKAGE = Path(tiny_dancer.__file__).parent
LAYERS = [
    {"__init__"},
    {"cli"},
    {"gateway", "evaluate"},
    {"train"},
    {"adapt"},
    {"router", "feedback"},
    {"service"},
    {"hosts", "history"},
    {"breaker"},
    {"scoring", "calibration", "model"},
    {"policy", "request"},
    {"candidates"},
    {"config", "response"},
    {"checks", "errors", "strict_json"},
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
            yield from ([module] if node.module else [f"{module}.{a.name}" for a in node.names])
        else:
            yield from imports(node, package)


def noun(module: str) -> str | None:
    """The part of the package that a module belongs to, or None for somebody else's."""
    first, *rest = module.split(".")
    return rest[0] if first == "tiny_dancer" and rest else None


def test_every_part_has_a_layer():
    parts = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert parts - {"__pycache__", "data"} == set(DEPTH)


def test_imports_go_down_only():
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        here = path.relative_to(PACKAGE).with_suffix("").parts
        package = ("tiny_dancer", *here[:-1])
        for module in imports(ast.parse(path.read_text("utf-8")), package):
            part = noun(module)
            if part and part != here[0] and DEPTH[part] < DEPTH[here[0]]:
                wrong.append(f"{'.'.join(here)} imports {module}")
    assert not wrong

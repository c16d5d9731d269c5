"""Compiles the package and the part of the standard library that it needs; runs inside Pyodide.

`build` writes stdlib.zip and tiny_dancer.zip with .pyc files instead of sources: made by the
interpreter that will read them, without time stamps, stored and not deflated (transport compresses
better). Starting from them takes a third of the time that sources take.
"""

import ast
import contextlib
import importlib
import importlib.util
import io
import sys
import zipfile
from _frozen_importlib_external import _code_to_hash_pyc  # type: ignore[attr-defined]

PACKAGE = "tiny_dancer/"
EXCLUDED = tuple(
    PACKAGE + part
    for part in (
        *("cli/", "evaluate/", "gateway/server/", "gateway/traces/otel.py", "hosts/cpython.py"),
        *("integrations/engines/", "integrations/logs/", "integrations/langchain/", "train/"),
        *(
            "integrations/langchain.py",
            "integrations/litellm",
            "integrations/llm",
            "integrations/otel",
        ),
    )
)
"""What never runs in Pyodide."""
EPOCH = (1980, 1, 1, 0, 0, 0)


def build(stdlib: str, wheel: str, keep: list[str]) -> str:
    """Write both files; give a line that says what is in them.

    Args:
        stdlib: Pyodide's python_stdlib.zip.
        wheel: the package, which is on sys.path too.
        keep: modules of the library to keep in any case.
    """
    library, package = _read(stdlib), _select(_read(wheel))
    for name in (*_find_imports(package), *keep):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    kept = {name: library[name] for name in _find_files(set(sys.modules), set(library))}
    _write("stdlib.zip", kept, "/lib/python314.zip/")
    _write("tiny_dancer.zip", package, "")
    return f"{len(kept)} of {sum(name.endswith('.py') for name in library)} library files"


def _read(file: str) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _select(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if not name.startswith(EXCLUDED)}


def _find_imports(files: dict[str, bytes]) -> list[str]:
    """These modules and whatever they import anywhere, inside functions too."""
    found = set()
    for name, source in files.items():
        if not name.endswith(".py"):
            continue
        found.add(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return sorted(found)


def _find_files(modules: set[str], known: set[str]) -> list[str]:
    """The sources of these modules and of the packages they are in, sorted."""
    files = {name for name in known if name.startswith("_sysconfigdata")}
    for module in modules:
        parts = module.split(".")
        for n in range(1, len(parts) + 1):
            stem = "/".join(parts[:n])
            files |= {f"{stem}.py", f"{stem}/__init__.py"} & known
    return sorted(files)


def _write(file: str, files: dict[str, bytes], place: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as out:
        for name, data in sorted(files.items()):
            if name.endswith(".py"):
                name, data = name + "c", _compile(place + name, data)
            out.writestr(zipfile.ZipInfo(name, EPOCH), data)
    with open(file, "wb") as target:
        target.write(packed.getvalue())


def _compile(place: str, source: bytes) -> bytes:
    """A .pyc that is never compared with a source; tracebacks call it `place`."""
    tree = ast.parse(source)
    if place.startswith(PACKAGE) or b"__doc__" not in source:  # nobody asks for help() there
        _drop_docstrings(tree)
    code = compile(tree, place, "exec", dont_inherit=True)
    source_hash = importlib.util.source_hash(source)
    return bytes(_code_to_hash_pyc(code, source_hash, checked=False))


def _drop_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body[0] = ast.copy_location(ast.Pass(), first)

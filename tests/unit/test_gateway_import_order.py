"""Inside the gateway imports go down only, folder by folder, so each room can be read alone."""

import ast
from pathlib import Path

from unit.test_import_order import imports

import tiny_dancer.gateway

GATEWAY = Path(tiny_dancer.gateway.__file__).parent
ROWS = (
    {"__init__"},
    {"server"},
    {"gateway"},
    {"endpoints"},
    {"traces"},
    {"formats"},
    {"allowances"},
    {"routing"},
    {"shadow"},
    {"money"},
    {"upstream"},
    {"http", "versions", "aside"},
    {"config"},
)
"""A part imports only parts of lower rows. `if TYPE_CHECKING` names a type and imports nothing:
endpoints take the gateway that calls them."""
DEPTH = {name: depth for depth, names in enumerate(ROWS) for name in names}


def find_part(module: str) -> str | None:
    """The part of the gateway that a module belongs to, or None for one of elsewhere."""
    names = module.split(".")
    return names[2] if names[:2] == ["tiny_dancer", "gateway"] and len(names) > 2 else None


def test_every_part_of_the_gateway_has_a_row():
    parts = {path.stem for path in GATEWAY.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert parts - {"__pycache__"} == set(DEPTH)


def test_folders_of_the_gateway_import_lower_ones_only():
    wrong, seen = [], 0
    for path in GATEWAY.rglob("*.py"):
        here = path.relative_to(GATEWAY).with_suffix("").parts
        package = ("tiny_dancer", "gateway", *here[:-1])
        for module in imports(ast.parse(path.read_text("utf-8")), package):
            part = find_part(module)
            seen += part is not None
            if part and part != here[0] and DEPTH[part] <= DEPTH[here[0]]:
                wrong.append(f"{'.'.join(here)} imports {module}")
    assert not wrong and seen > 50

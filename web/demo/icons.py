"""Draw the icons of the installed page from static/favicon.svg: python web/demo/icons.py."""

import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
STATIC: Final = HERE / "static"
sys.path.insert(0, str(HERE.parents[1] / "tests"))
SIZES: Final = {
    "icon-192.png": (192, 0.0),
    "icon-512.png": (512, 0.0),
    "icon-maskable.png": (512, 0.18),
}
"""By name: pixels of a side, and the share of it that a mask may cut from each edge."""


def main() -> None:
    """Write every icon."""
    from chromium import chromium

    drawing = (STATIC / "favicon.svg").read_text()
    with chromium() as browser:
        for name, (side, edge) in SIZES.items():
            page = browser.new_page(viewport={"width": side, "height": side})
            pad = round(side * edge)
            ground = "#5b4bdb" if edge else "transparent"
            page.set_content(
                f"<style>body{{margin:{pad}px;background:{ground}}}"
                f"svg{{display:block;width:{side - 2 * pad}px}}</style>{drawing}"
            )
            page.screenshot(path=STATIC / name, omit_background=True)


if __name__ == "__main__":
    main()

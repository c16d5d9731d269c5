"""Write docs/pictures, the built page as a visitor sees it: python tests/e2e/take_pictures.py."""

import sys
import threading
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "web/demo")]
OUT: Final = ROOT / "docs/pictures"
VISITS: Final = {
    "page-light": {"viewport": {"width": 1200, "height": 760}, "color_scheme": "light"},
    "page-dark": {"viewport": {"width": 1200, "height": 760}, "color_scheme": "dark"},
    "page-phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
READY: Final = "document.getElementById('answer').dataset.state === 'ready'"
SAVED: Final = "document.getElementById('offline').dataset.state === 'saved'"
SETTLED: Final = "!document.getElementById('moved').hidden"


def main() -> None:
    """Visit the page in each way and keep what it looks like."""
    import serve
    from chromium import chromium

    server = serve.PageServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    OUT.mkdir(exist_ok=True)
    with chromium() as browser:
        for name, options in VISITS.items():
            context = browser.new_context(locale="en-US", **options)
            page = context.new_page()
            page.goto(server.url)
            for condition in (READY, SETTLED, SAVED):
                while not page.evaluate(condition):
                    page.wait_for_timeout(50)
            page.wait_for_timeout(400)  # bars move for a fifth of a second
            page.screenshot(path=OUT / f"{name}.jpg", type="jpeg", quality=82)
            context.close()
            print(f"docs/pictures/{name}.jpg: {(OUT / f'{name}.jpg').stat().st_size:,} bytes")
    server.shutdown()


if __name__ == "__main__":
    main()

"""The site that tab_starts.py measures: the published library and stock Pyodide."""

import json
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SERVICE_WORKER = """
const FILES = %s;
addEventListener("install", (event) => event.waitUntil(
  caches.open("files").then((cache) => cache.addAll(FILES)).then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => event.respondWith(
  caches.match(event.request).then((saved) => saved ?? fetch(event.request))));
"""
COMPRESS = """
import fs from "node:fs";
import path from "node:path";
import { stage } from "./web/router/stage.mjs";
import { compress } from "./web/router/compress.mjs";
import { buildWheel } from "./pack/sources.mjs";
const [folder] = process.argv.slice(1);
fs.writeFileSync(path.join(folder, "stock/package.zip"), buildWheel());
await stage(path.join(folder, "lib/runtime"));
const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
const rest = files.filter((file) => file.isFile() && !file.parentPath.endsWith("runtime"));
await Promise.all(rest.map((file) => compress(path.join(file.parentPath, file.name))));
"""


def write_site(folder: Path, node: str) -> None:
    """Write index.html, sw.js and one folder whose files never change."""
    assets = folder / "assets/1"
    shutil.copytree(ROOT / "web/router/dist", assets / "lib/dist")
    (assets / "stock/pyodide").mkdir(parents=True)
    (assets / "stock/glue").mkdir()
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        shutil.copy(ROOT / "node_modules/pyodide" / name, assets / "stock/pyodide")
    shutil.copy(ROOT / "node_modules/pyodide/pyodide-lock.json", assets / "stock/pyodide")
    for name in ("glue.mjs", "bound_array.mjs"):
        shutil.copy(ROOT / "pack" / name, assets / "stock/glue")
    shutil.copy(HERE / "stock_worker.mjs", assets / "stock/worker.mjs")
    shutil.copy(HERE / "starts_page.mjs", assets / "page.mjs")
    compress = [node, "--input-type=module", "-e", COMPRESS, str(assets)]
    subprocess.run(compress, cwd=ROOT, check=True)
    saved = [
        f"/{file.relative_to(folder)}"
        for part in ("lib/dist/index.js", "lib/runtime/*", "page.mjs")
        for file in sorted(assets.glob(part))
        if file.suffix not in (".br", ".gz")
    ]
    (folder / "sw.js").write_text(SERVICE_WORKER % json.dumps(["/", *saved]))
    (folder / "favicon.ico").write_bytes(b"")
    (folder / "index.html").write_text(
        "<!doctype html><title>Starts</title>"
        '<script type="module" src="/assets/1/page.mjs"></script>'
    )

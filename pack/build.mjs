/**
 * Builds what a start needs, once for the Worker and for the tab; the same sources give the same bytes.
 *
 * usage: node pack/build.mjs [FOLDER]     (build/pack)
 *
 *     stdlib.zip        compiled part of the standard library
 *     tiny_dancer.zip   the package, compiled
 *     kernel.wasm
 *     heap.bin          memory image of a Python that has imported the package
 *     meta.json         what the image fits, with the hashes of everything
 *     wasm/             the small modules that Pyodide compiles at start, and index.mjs, their list
 *     key               hash of all sources: where it has not changed, nothing is built
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { takeImage } from "./image.mjs";
import { PYODIDE, ROOT, buildWheel, hash } from "./sources.mjs";

const here = import.meta.dirname;
const getName = (bytes) => `${hash(bytes).slice(0, 16)}.wasm`;
const toMegabytes = (bytes) => (bytes.length / 1e6).toFixed(1);

if (Number(process.versions.node.split(".")[0]) < 22) {
  throw new Error(`pack: Node 22 or newer is needed, not ${process.version}: older ones make other modules`);
}
const out = path.resolve(process.argv[2] ?? path.join(ROOT, "build", "pack"));
const wheel = buildWheel();
const key = computeKey(wheel);
const keyFile = path.join(out, "key");
if (!fs.existsSync(keyFile) || fs.readFileSync(keyFile, "utf8") !== key) await build();
process.exit(); // Pyodide keeps Node alive

async function build() {
  console.error("==> pack: compiling the library, taking the image");
  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(path.join(out, "wasm"), { recursive: true });
  const write = (name, data) => fs.writeFileSync(path.join(out, name), data);
  const summary = compile();
  const app = new Uint8Array(fs.readFileSync(path.join(out, "tiny_dancer.zip")));
  const { meta, heap, wasm } = await takeImage(path.join(out, "stdlib.zip"), app);
  write("kernel.wasm", fs.readFileSync(path.join(ROOT, "py/tiny_dancer/data/kernel.wasm")));
  write("heap.bin", heap);
  write("meta.json", JSON.stringify(meta));
  for (const bytes of wasm.values()) write(`wasm/${getName(bytes)}`, bytes);
  write("wasm/index.mjs", writeIndex(wasm));
  write("key", key);
  console.error(`==> pack: ${summary}, package ${toMegabytes(app)} MB, image ${toMegabytes(heap)} MB`);
}

/** In a process of its own: an image is taken where Pyodide has not run yet. */
function compile() {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "tiny-dancer-")), "package.whl");
  try {
    fs.writeFileSync(file, wheel);
    return execFileSync(process.execPath, [path.join(here, "compile.mjs"), file, out], { encoding: "utf8" }).trim();
  } finally {
    fs.rmSync(path.dirname(file), { recursive: true });
  }
}

/** A module whose default export finds each recorded module by its bytes. */
function writeIndex(wasm) {
  const entries = [...wasm].map(([bytes, data]) => [bytes, getName(data)]);
  entries.sort(([, a], [, b]) => (a < b ? -1 : 1));
  const imports = entries.map(([, name], i) => `import w${i} from "./${name}";`);
  const pairs = entries.map(([bytes], i) => `  ["${bytes}", w${i}],`);
  const head = "// written by pack/build.mjs";
  return [head, ...imports, "export default new Map([", ...pairs, "]);", ""].join("\n");
}

/** Hash of everything that the pack is made from. */
function computeKey(wheel) {
  const entries = fs.readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isFile());
  const own = entries.map(({ name }) => path.join(here, name)).sort();
  const pyodide = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"];
  const files = [...own, ...pyodide.map((name) => path.join(PYODIDE, name))];
  return hash([process.version, hash(wheel), ...files.map((file) => hash(fs.readFileSync(file)))].join("\n"));
}

/**
 * Lays out the folder that is uploaded: the entry on top, all else beside or below it, nothing bundled.
 *
 * usage: node worker/layout.mjs [--stock] [FOLDER] [PACK]     (build/worker, build/pack)
 *
 * --stock takes library and package with their sources, for comparison; only plain.mjs starts then.
 */
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { PYODIDE, ROOT, buildWheel, hash } from "tiny-dancer-pack/sources.mjs";

const here = import.meta.dirname;
const { values, positionals } = parseArgs({ allowPositionals: true, options: { stock: { type: "boolean" } } });
const [out, pack] = ["worker", "pack"].map((name, i) => path.resolve(positionals[i] ?? path.join(ROOT, "build", name)));

const files = {
  ...listFolder(path.join(here, "src"), "", /\.mjs$/),
  ...listFolder(path.join(here, "src"), "", /\.py$/, ".bin"),
  ...listFolder(path.join(ROOT, "pack"), "boot/", /^(boot|bound_array|glue|heap|modules|workerd)\.mjs$/),
  ...listFolder(PYODIDE, "pyodide/", /^pyodide\.(asm\.)?mjs$|^pyodide\.asm\.wasm$/),
  ...listFolder(path.join(pack, "wasm"), "pack/wasm/", /./),
  "pack/kernel.wasm": path.join(pack, "kernel.wasm"),
  "pack/heap.bin": path.join(pack, "heap.bin"),
  "pack/stdlib.zip.bin": path.join(pack, "stdlib.zip"),
  "pack/tiny_dancer.zip.bin": path.join(pack, "tiny_dancer.zip"),
};
const meta = JSON.parse(fs.readFileSync(path.join(pack, "meta.json"), "utf8"));
requireHashes({
  heap: "pack/heap.bin",
  stdlib: "pack/stdlib.zip.bin",
  app: "pack/tiny_dancer.zip.bin",
  wasm: "pyodide/pyodide.asm.wasm",
  asm: "pyodide/pyodide.asm.mjs",
});

fs.rmSync(out, { recursive: true, force: true });
for (const [name, source] of Object.entries(files)) {
  fs.mkdirSync(path.dirname(path.join(out, name)), { recursive: true });
  fs.copyFileSync(source, path.join(out, name));
}
fs.writeFileSync(path.join(out, "pack", "meta.mjs"), `export default ${JSON.stringify(meta)};\n`);
if (values.stock) {
  fs.copyFileSync(path.join(PYODIDE, "python_stdlib.zip"), path.join(out, "pack", "stdlib.zip.bin"));
  fs.writeFileSync(path.join(out, "pack", "tiny_dancer.zip.bin"), buildWheel());
}

/** All that the image depends on travels in one upload, so it is compared once, here. */
function requireHashes(places) {
  for (const [name, place] of Object.entries(places)) {
    if (hash(fs.readFileSync(files[place])) !== meta.sha256[name]) {
      throw new Error(`${files[place]}: not the file that the image was made with; ./build.sh edge builds it`);
    }
  }
}

function listFolder(source, to, pattern, suffix = "") {
  const names = fs.readdirSync(source).filter((name) => pattern.test(name)).sort();
  return Object.fromEntries(names.map((name) => [to + name + suffix, path.join(source, name)]));
}

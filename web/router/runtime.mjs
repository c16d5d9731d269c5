/**
 * Fills runtime/, and licenses/ beside it: what a worker starts from. worker.js and store.js are bundled from src/, the others
 * come from Pyodide and from the pack of this repository, which needs Python with hatchling.
 *
 * usage: node runtime.mjs      also writes dist/sources.json: SHA-256 of every bundled source
 */
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { rolldown } from "rolldown";
import { PYODIDE, ROOT, hash } from "tiny-dancer-pack/sources.mjs";

const here = import.meta.dirname;
const out = path.join(here, "runtime");
const pack = path.join(ROOT, "build", "pack");
/** Of a bundle: its first module, and the license of what it holds beside our own. */
const BUNDLES = {
  "worker.js": {
    input: "src/worker/worker.ts",
    license: "Holds pyodide.mjs of the npm package pyodide, unchanged but for minifying: Mozilla Public License 2.0.",
  },
  "node.js": {
    input: "src/node/worker.ts",
    license: "Holds pyodide.mjs of the npm package pyodide, unchanged but for minifying: Mozilla Public License 2.0.",
  },
  "workerd.js": {
    input: "src/workerd/worker.ts",
    license: "Holds pyodide.mjs of the npm package pyodide, unchanged but for minifying: Mozilla Public License 2.0.",
  },
  "store.js": { input: "src/store/open.ts", license: readIdbLicense() },
};
/** What workerd.js imports from beside it, by its own names and by those of pack/workerd.mjs. */
const BESIDE = {
  name: "beside",
  resolveId: (id) => {
    const name = id === "../pack/wasm/index.mjs" ? "./wasm/index.mjs" : id;
    return /\.(wasm|bin|asm\.mjs)$|^\.\/wasm\//.test(name) ? { id: name, external: true } : null;
  },
};
const COPIED = {
  ...locate(PYODIDE, ["pyodide.asm.mjs", "pyodide.asm.wasm"]),
  ...locate(pack, ["kernel.wasm", "heap.bin"]),
  ...locate(pack, ["stdlib.zip", "tiny_dancer.zip"], ".bin"), // wrangler takes .bin as data, and servers compress it
};
/** Stands for the package `ws`, which Pyodide imports in Node alone. */
const NO_WS = {
  name: "no-ws",
  resolveId: (id) => (id === "ws" ? "\0ws" : null),
  load: (id) => (id === "\0ws" ? "export default undefined;" : null),
};
execFileSync(process.execPath, [path.join(ROOT, "pack", "build.mjs"), pack], { stdio: "inherit" });
fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out);
for (const [name, source] of Object.entries(COPIED)) fs.copyFileSync(source, path.join(out, name));

fs.cpSync(path.join(pack, "wasm"), path.join(out, "wasm"), { recursive: true });
for (const name of ["LICENSE", "NOTICE", "licenses"]) {
  fs.cpSync(path.join(ROOT, name), path.join(here, name), { recursive: true });
}
hideImport(path.join(out, "pyodide.asm.mjs"));

const { version } = JSON.parse(fs.readFileSync(path.join(here, "package.json"), "utf8"));
const image = JSON.parse(fs.readFileSync(path.join(pack, "meta.json"), "utf8"));
const files = Object.fromEntries(Object.keys(COPIED).map((name) => [name, describe(name)]));
const sources = {};
for (const [name, { input, license }] of Object.entries(BUNDLES)) {
  const modules = await bundle(path.join(here, input), path.join(out, name), license, { version, files, image });
  for (const file of modules) sources[path.relative(ROOT, file).replaceAll("\\", "/")] = hash(fs.readFileSync(file));
}
fs.mkdirSync(path.join(here, "dist"), { recursive: true });
fs.writeFileSync(path.join(here, "dist", "sources.json"), `${JSON.stringify(sources, null, 2)}\n`);

/**
 * Vite's dev server refuses a module that imports what is not installed. Pyodide names `ws`, for Node
 * alone; written so, no tool looks for it. Nothing else of the file is changed.
 */
function hideImport(file) {
  const text = fs.readFileSync(file, "utf8");
  if (text.split('import("ws")').length !== 2) throw new Error(`${file}: one import("ws") is expected`);
  fs.writeFileSync(file, text.replace('import("ws")', 'import(/* @vite-ignore */["w","s"].join(""))'));
}

/** Writes one ES module; gives the files it was made from. */
async function bundle(input, file, license, build) {
  const bundler = await rolldown({
    input,
    platform: "browser",
    external: /^node:/, // Pyodide names them; a tab never gets there
    plugins: [NO_WS, BESIDE],
    moduleTypes: { ".py": "text" },
    transform: { define: { BUILD: JSON.stringify(build) } },
  });
  const postBanner = `/*!\n${license.trim()}\n*/`;
  const { output } = await bundler.write({ file, format: "esm", codeSplitting: false, minify: true, postBanner });
  await bundler.close();
  return output.flatMap(({ moduleIds = [] }) => moduleIds).filter((id) => fs.existsSync(id)).sort();
}

function readIdbLicense() {
  const idb = path.dirname(createRequire(import.meta.url).resolve("idb/package.json"));
  return `Holds the npm package idb:\n\n${fs.readFileSync(path.join(idb, "LICENSE"), "utf8")}`;
}

function describe(name) {
  const bytes = fs.readFileSync(path.join(out, name));
  return { bytes: bytes.length, sha256: Buffer.from(hash(bytes), "hex").toString("base64") };
}

function locate(folder, names, suffix = "") {
  return Object.fromEntries(names.map((name) => [name + suffix, path.join(folder, name)]));
}

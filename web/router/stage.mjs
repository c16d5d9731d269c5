#!/usr/bin/env node
/**
 * Lays out the run-time folder that `Router.load({ base })` starts from.
 *
 * usage: tiny-dancer-stage FOLDER
 */
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

/** What the worker is made of; modules import each other by these names. */
const WORKER = ["worker.js", "boot.js", "download.js", "errors.js", "manifest.js", "glue.mjs", "session.py"];
/** Loaded by those who keep a history in IndexedDB only. */
const HISTORY = ["store.js", "schema.js", "totals.js", "idb.js"];
const PYODIDE = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"];
/** What pack/build.mjs made, and the modules that start from it. */
const PACK = ["stdlib.zip", "tiny_dancer.zip", "kernel.wasm", "pack/boot.mjs", "pack/sparse.mjs"];
/** Files that are fetched; the others are imported, and no one can count those. */
const FETCHED = ["pyodide/pyodide.asm.wasm", "stdlib.zip", "tiny_dancer.zip", "kernel.wasm", "session.py"];

/**
 * Writes the folder anew.
 *
 * @param {string} out
 * @param {string} [assets] folder that assets.mjs filled
 * @returns {Record<string, number>} bytes of every file in it
 */
export function stage(out, assets = path.join(here, "assets")) {
  const pyodide = path.dirname(createRequire(import.meta.url).resolve("pyodide/package.json"));
  const sources = {
    ...Object.fromEntries([...WORKER, ...HISTORY].map((name) => [name, path.join(here, "dist", name)])),
    ...Object.fromEntries(PYODIDE.map((name) => [`pyodide/${name}`, path.join(pyodide, name)])),
    ...Object.fromEntries(PACK.map((name) => [name, path.join(assets, name)])),
  };
  fs.rmSync(out, { recursive: true, force: true });
  for (const folder of ["pyodide", "pack"]) fs.mkdirSync(path.join(out, folder), { recursive: true });
  const sizes = {};
  for (const [name, source] of Object.entries(sources)) {
    const bytes = fs.readFileSync(source);
    fs.writeFileSync(path.join(out, name), bytes);
    sizes[name] = bytes.length;
  }
  const manifest = {
    version: version(path.join(here, "package.json")),
    pyodide: version(path.join(pyodide, "package.json")),
    fetched: Object.fromEntries(FETCHED.map((name) => [name, sizes[name]])),
  };
  fs.writeFileSync(path.join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return sizes;
}

const version = (file) => JSON.parse(fs.readFileSync(file, "utf8")).version;

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [out] = process.argv.slice(2);
  if (!out) {
    console.error("usage: tiny-dancer-stage FOLDER");
    process.exit(2);
  }
  const bytes = Object.values(stage(out)).reduce((sum, size) => sum + size, 0);
  console.log(`${out}: ${(bytes / 1e6).toFixed(1)} MB`);
}

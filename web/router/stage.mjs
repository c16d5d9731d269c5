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
const PYODIDE = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"];
/** Of Pyodide's files those that are fetched; the others are imported, and no one can count those. */
const FETCHED = ["pyodide/pyodide.asm.wasm", "pyodide/python_stdlib.zip", "kernel.wasm", "session.py"];

/**
 * Writes the folder anew.
 *
 * @param {string} out
 * @param {string} [assets] folder with the wheel and kernel.wasm
 * @returns {Record<string, number>} bytes of every file in it
 */
export function stage(out, assets = path.join(here, "assets")) {
  const pyodide = path.dirname(createRequire(import.meta.url).resolve("pyodide/package.json"));
  const wheels = fs.readdirSync(assets).filter((name) => name.endsWith(".whl"));
  if (wheels.length !== 1) throw new Error(`${assets}: one wheel is needed, ${wheels.length} found`);
  const sources = {
    ...Object.fromEntries([...WORKER, ...HISTORY].map((name) => [name, path.join(here, "dist", name)])),
    ...Object.fromEntries(PYODIDE.map((name) => [`pyodide/${name}`, path.join(pyodide, name)])),
    "kernel.wasm": path.join(assets, "kernel.wasm"),
    [wheels[0]]: path.join(assets, wheels[0]),
  };
  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(path.join(out, "pyodide"), { recursive: true });
  const sizes = {};
  for (const [name, source] of Object.entries(sources)) {
    const bytes = fs.readFileSync(source);
    fs.writeFileSync(path.join(out, name), bytes);
    sizes[name] = bytes.length;
  }
  const manifest = {
    version: version(path.join(here, "package.json")),
    pyodide: version(path.join(pyodide, "package.json")),
    wheel: wheels[0],
    fetched: Object.fromEntries([...FETCHED, wheels[0]].map((name) => [name, sizes[name]])),
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

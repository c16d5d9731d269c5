/**
 * Starts from images that do not fit, and from the one that does.
 * usage: node faults.mjs PACK; prints what became of each as one line of JSON
 */
import fs from "node:fs";
import path from "node:path";
import { APP, reseed, startFromImage, startPlain } from "../../pack/boot.mjs";
import { PYODIDE } from "../../pack/sources.mjs";
import { createGlue } from "../../pack/glue.mjs";
import { loadPyodide } from "pyodide";
import createPyodideModule from "pyodide/pyodide.asm.mjs";

const pack = process.argv[2];
const read = (name) => new Uint8Array(fs.readFileSync(path.join(pack, name)));
const meta = JSON.parse(fs.readFileSync(path.join(pack, "meta.json"), "utf8"));
const heap = read("heap.bin");
const parts = {
  loadPyodide,
  createPyodideModule,
  indexURL: `${PYODIDE}/`,
  stdLibURL: path.join(pack, "stdlib.zip"),
  files: { [APP]: read("tiny_dancer.zip") },
};

const bytes = new DataView(heap.buffer, heap.byteOffset).getUint32(4, true);
const otherSize = heap.slice();
new DataView(otherSize.buffer).setUint32(4, bytes + 65536, true);
const faults = {
  "other build": { meta: { ...meta, buildId: "0".repeat(64) }, heap },
  "other table": { meta: { ...meta, tableLength: meta.tableLength - 258 }, heap },
  "other trampoline": { meta: { ...meta, trampoline: 0 }, heap },
  "other memory": { meta, heap: otherSize },
  truncated: { meta, heap: heap.subarray(0, heap.length - 4096) },
  "no image": { meta, heap: new Uint8Array(4096) },
  none: { meta, heap },
};

const PROMPT = "What is the capital of Mongolia?";
const DECIDE = `
from tiny_dancer import Router
decision = Router().route(${JSON.stringify(PROMPT)}).to_dict()
del decision["decision_id"], decision["inference_time_us"]
str(decision)`;
const kernel = new WebAssembly.Module(read("kernel.wasm"));
function decide(pyodide) {
  pyodide.registerJsModule("tiny_dancer_glue", createGlue(kernel));
  return pyodide.runPython(DECIDE);
}

const found = {};
const draws = [];
let restored;
for (const [name, image] of Object.entries(faults)) {
  try {
    restored = await startFromImage(parts, image);
    found[name] = null;
  } catch (error) {
    found[name] = error.message;
  }
}
const random = (pyodide) => pyodide.runPython("import random; random.random()");
for (let n = 0; n < 2; n++) {
  const copy = await startFromImage(parts, faults.none);
  const before = random(copy);
  reseed(copy);
  draws.push([before, random(copy)]);
}
const started = await startPlain(parts);
const plain = decide(started);
const same = decide(restored) === plain;
const late = fs.readFileSync(path.join(import.meta.dirname, "late_imports.py"), "utf8");
const trimmed = await started.runPythonAsync(late).catch((error) => error.message);
console.log(JSON.stringify({ found, draws, same, plain, trimmed }));
process.exit();

/** Takes the memory image, and records the small wasm modules of a start. */
import fs from "node:fs";
import path from "node:path";
import { APP, VERSION, locateTrampoline, startFromImage, startPlain } from "./boot.mjs";
import { record } from "./modules.mjs";
import { PYODIDE, hash } from "./sources.mjs";
import { encodeHeap } from "./heap.mjs";

/** Entropy, clocks and a time zone that are the same in every build, while memory is being filled. */
async function freezeClocks() {
  process.env.TZ = "UTC";
  let state = 1;
  const fill = (view) => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let i = 0; i < bytes.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bytes[i] = state >>> 24;
    }
    return view;
  };
  (await import("node:crypto")).default.randomFillSync = fill;
  globalThis.crypto.getRandomValues = fill;
  let tick = 0;
  Date.now = () => Date.UTC(2026, 0, 1) + tick++;
  performance.now = () => tick++;
}

/**
 * Once in a process, in which Pyodide must not have been started before.
 *
 * @param {string} stdlib the compiled library, a zip file
 * @param {Uint8Array} app the compiled package
 * @returns {Promise<{ meta: import("./boot.mjs").Meta, heap: Uint8Array, wasm: Map<string, Uint8Array> }>}
 */
export async function takeImage(stdlib, app) {
  await freezeClocks();
  const recorder = record(); // before pyodide.mjs is evaluated, which compiles a module at once
  const { loadPyodide, version } = await import("pyodide");
  if (version !== VERSION) throw new Error(`pack: Pyodide ${version} is installed, boot.mjs is for ${VERSION}`);
  const { default: createPyodideModule } = await import("pyodide/pyodide.asm.mjs");
  const indexURL = `${PYODIDE}/`;
  const parts = { loadPyodide, createPyodideModule, indexURL, stdLibURL: stdlib, files: { [APP]: app } };

  const pyodide = await startPlain({ ...parts, options: { _makeSnapshot: true } });
  const module = pyodide._module;
  const before = { table: module.wasmTable.length, compiled: recorder.modules.size };
  pyodide.runPython(fs.readFileSync(path.join(import.meta.dirname, "freeze.py"), "utf8"));
  if (module.wasmTable.length !== before.table) throw new Error("freeze.py made the function table grow (ctypes?)");
  if (recorder.modules.size !== before.compiled) throw new Error("freeze.py had a wasm module compiled");
  const { memory, hiwire } = parseSnapshot(pyodide.makeMemorySnapshot());
  recorder.stop();
  refusePaths(memory);

  const heap = encodeHeap(memory, await freshMemory(parts, memory.length));
  const file = (name) => hash(fs.readFileSync(path.join(PYODIDE, name)));
  const meta = {
    pyodide: version,
    buildId: module.API.config.BUILD_ID,
    tableLength: before.table,
    trampoline: locateTrampoline(module),
    hiwire,
    sha256: {
      heap: hash(heap),
      stdlib: hash(fs.readFileSync(stdlib)),
      app: hash(app),
      wasm: file("pyodide.asm.wasm"),
      asm: file("pyodide.asm.mjs"),
    },
  };
  await startFromImage(parts, { meta, heap }); // an image that does not start is none
  return { meta, heap, wasm: recorder.modules };
}

/** Pyodide's own format: four words, of which the second is where memory starts; JSON; memory. */
function parseSnapshot(snapshot) {
  const [, start, length] = new Uint32Array(snapshot.buffer, snapshot.byteOffset, 3);
  const json = new TextDecoder().decode(snapshot.subarray(48, 48 + length));
  return { memory: snapshot.slice(start), hiwire: JSON.parse(json) };
}

/** Nothing of the building machine may travel. */
function refusePaths(memory) {
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
  for (const place of new Set([import.meta.dirname, process.cwd(), PYODIDE, process.env.HOME])) {
    if (place && place.length > 5 && bytes.includes(place)) throw new Error(`the image holds the path ${place}`);
  }
}

/** The memory that an image is restored into: of an instance that has not started Python. */
async function freshMemory(parts, bytes) {
  let memory;
  const stop = new Error("enough");
  const createPyodideModule = async (settings) => {
    settings.INITIAL_MEMORY = bytes;
    memory = (await parts.createPyodideModule(settings)).HEAPU8.slice();
    throw stop;
  };
  const options = { _loadSnapshot: new Uint8Array(0) };
  await startPlain({ ...parts, createPyodideModule, options }).catch((error) => {
    if (error !== stop) throw error;
  });
  return memory;
}

/**
 * Starts Python from the pack: in Node, in a Worker and in a tab. The host hands over bytes; nothing
 * here fetches. All that touches private names of Pyodide is in this file, for one exact version:
 *
 *     public         stdLibURL, lockFileContents, env
 *     experimental   createPyodideModule, fsInit
 *     private        _sysExecutable, _makeSnapshot, _loadSnapshot, makeMemorySnapshot, _module,
 *                    API.restoreSnapshot, wasmTable, __PyRuntime, INITIAL_MEMORY
 *
 * A plain start depends on no private name but `_sysExecutable`, which it can do without.
 *
 * @typedef {object} Parts
 * @property {(options: object) => Promise<any>} loadPyodide of pyodide.mjs
 * @property {(settings: object) => Promise<any>} [createPyodideModule] of pyodide.asm.mjs; needed for
 *   an image
 * @property {string} indexURL where Pyodide's files are
 * @property {string} stdLibURL the standard library
 * @property {Record<string, Uint8Array | Promise<Uint8Array>>} files what to write into FOLDER before
 *   Python starts, by path
 * @property {object} [options] further options of loadPyodide
 *
 * @typedef {object} Meta what an image fits, written by image.mjs
 * @property {string} pyodide its version
 * @property {string} buildId
 * @property {number} tableLength entries of the function table
 * @property {number} trampoline address of CPython's call trampoline in it
 * @property {object} hiwire JavaScript objects that Python holds, as paths from globalThis
 * @property {Record<string, string>} sha256 of the files it was built from, and of itself
 */
import { readHeader, restoreHeap } from "./heap.mjs";

/** Where the package lies; on sys.path, and so is APP in it. */
export const FOLDER = "/lib/tiny_dancer_runtime";
export const APP = "tiny_dancer.zip";

export const VERSION = "314.0.7";
const INFO = { abi_version: "2026_0", arch: "wasm32", platform: "emscripten_5_0_3", python: "3.14.2" };

/** Both end up in an image, which would else hold the builder's locale and the path of his script. */
const ENV = { PYTHONHASHSEED: "0", LANG: "en_US.UTF-8" };
const PROGRAM = "./this.program";

/** What loadPyodide is called with for both starts: an image needs the very same file system. */
function makeOptions({ createPyodideModule, indexURL, stdLibURL, files, options: further }) {
  return {
    ...(createPyodideModule && { createPyodideModule }),
    indexURL,
    stdLibURL,
    packageBaseUrl: indexURL,
    // Nothing is ever installed by name here, so the list of packages is empty.
    lockFileContents: JSON.stringify({ info: { ...INFO, version: VERSION }, packages: {} }),
    env: { ...ENV },
    _sysExecutable: PROGRAM,
    fsInit: async (FS) => {
      for (const [name, bytes] of Object.entries(files)) {
        const file = `${FOLDER}/${name}`;
        FS.mkdirTree(file.slice(0, file.lastIndexOf("/")));
        FS.writeFile(file, await bytes);
      }
    },
    ...further,
  };
}

/**
 * Pyodide with the package on its path, by public means.
 *
 * @param {Parts} parts
 */
export async function startPlain(parts) {
  const pyodide = await withoutJspi(() => parts.loadPyodide(makeOptions(parts)));
  pyodide.runPython(`import sys; sys.path += ["${FOLDER}", "${FOLDER}/${APP}"]`);
  return pyodide;
}

/**
 * The same from a memory image. `reseed` has to follow once entropy may be asked for.
 *
 * @param {Parts} parts
 * @param {{ meta: Meta, heap: Uint8Array }} image whose hash is known to be right
 * @throws {Error} it does not fit, found before any Python runs
 */
export async function startFromImage(parts, { meta, heap }) {
  const { bytes } = readHeader(heap);
  let restored = false;
  const pyodide = await withoutJspi(() =>
    parts.loadPyodide({
      ...makeOptions(parts),
      _loadSnapshot: new Uint8Array(0), // makes Pyodide skip its own start; the memory comes below
      createPyodideModule: async (settings) => {
        requireEqual("build", settings.API.config.BUILD_ID, meta.buildId);
        settings.INITIAL_MEMORY = bytes;
        const module = await parts.createPyodideModule(settings);
        requireEqual("length of the function table", module.wasmTable.length, meta.tableLength);
        requireEqual("place of the call trampoline", locateTrampoline(module), meta.trampoline);
        requireEqual("memory", module.HEAPU8.length, bytes);
        module.API.restoreSnapshot = () => {
          restoreHeap(heap, module.HEAPU8);
          restored = true;
          return meta.hiwire;
        };
        return module;
      },
    }),
  );
  if (!restored) throw new Error("image: Pyodide did not ask for it");
  return pyodide;
}

function requireEqual(what, found, expected) {
  if (found !== expected) throw new Error(`image: the ${what} is ${found} here, ${expected} is needed`);
}

/** Python's own generator is the same in every copy of an image until this is called. */
export function reseed(pyodide) {
  const random = pyodide.pyimport("random"); // compiles nothing, as runPython would
  random.seed();
  random.destroy();
}

/** Address of CPython's call trampoline in the function table; 0 where there is none. */
export function locateTrampoline(module) {
  const offset = module.HEAP32[module.__PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET >> 2];
  return module.HEAP32[(module.__PyRuntime + offset) >> 2];
}

/** @param {BufferSource} bytes */
export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Stack switching differs between engines and cannot work in a Worker, so it is off everywhere while
 * Pyodide starts. Nothing may call `run_sync`.
 */
async function withoutJspi(job) {
  const names = ["Suspending", "Suspender", "promising"];
  const saved = names.map((name) => [name, Object.getOwnPropertyDescriptor(WebAssembly, name)]);
  for (const name of names) delete WebAssembly[name];
  try {
    return await job();
  } finally {
    for (const [name, descriptor] of saved) {
      if (descriptor) Object.defineProperty(WebAssembly, name, descriptor);
    }
  }
}

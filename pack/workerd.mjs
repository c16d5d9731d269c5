/**
 * Makes workerd look, for as long as Pyodide starts, like an environment that Pyodide knows. No file of
 * Pyodide is changed. Must be the first import: pyodide.mjs looks around while it is evaluated.
 */
import recorded from "../pack/wasm/index.mjs"; // as layout.mjs lays it out
import { supply } from "./modules.mjs";

supply(recorded);

/** Never fetched: `fetch` below answers for it, and asks for all else. */
export const BASE = "http://pyodide.invalid/";
export const WASM = "pyodide.asm.wasm";

// With nodejs_compat Pyodide would take workerd for Node. Given back by `giveBackProcess`.
const { process } = globalThis;
if (process) globalThis.process = undefined;

/** To be called when pyodide.mjs has been evaluated. */
export function giveBackProcess() {
  if (process) globalThis.process = process;
}

/**
 * Runs a start that asks for nothing but `files` and settles in microtasks, as is needed at global scope.
 *
 * @template T
 * @param {Record<string, ArrayBuffer>} files by name below BASE
 * @param {WebAssembly.Module} wasm Pyodide's main module
 * @param {() => Promise<T>} job
 * @returns {Promise<T>}
 */
export async function withEnvironment(files, wasm, job) {
  const { fetch } = globalThis; // who waits beside this start may still fetch
  let fail;
  const failure = new Promise((_, reject) => (fail = reject));
  const giveBack = [
    lend(globalThis, {
      process: undefined,
      location: new URL(BASE),
      addEventListener: () => undefined, // Emscripten listens in the capturing phase, which is refused
      setImmediate: undefined,
      fetch: async (url, options) => (String(url).startsWith(BASE) ? answer(files, String(url)) : fetch(url, options)),
    }),
    lend(WebAssembly, {
      // Pyodide logs a failure and then waits for ever, so it is made an error here.
      instantiateStreaming: async (_response, imports) => {
        try {
          return { module: wasm, instance: new WebAssembly.Instance(wasm, imports) };
        } catch (error) {
          fail(error);
          throw error;
        }
      },
    }),
  ];
  try {
    return await Promise.race([job(), failure]);
  } finally {
    for (const back of giveBack) back();
  }
}

/** Not a Response: reading one takes a turn of the event loop. */
function answer(files, url) {
  const name = url.slice(BASE.length);
  if (name === WASM) return null; // instantiateStreaming does not look at it
  if (!(name in files)) throw new Error(`${url}: nothing is fetched at start`);
  return { ok: true, arrayBuffer: async () => files[name] };
}

/** Puts values in place; the function that comes back undoes it. */
function lend(target, values) {
  const before = Object.keys(values).map((name) => [name, Object.getOwnPropertyDescriptor(target, name)]);
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(target, name, descriptor);
      else delete target[name];
    }
  };
}

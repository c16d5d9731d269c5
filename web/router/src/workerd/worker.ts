/** The run time inside workerd: files are modules of the upload, and Python runs in the isolate itself. */
import { BASE, giveBackProcess, withEnvironment } from "tiny-dancer-pack/workerd.mjs"; // first: before pyodide.mjs
import createPyodideModule from "./pyodide.asm.mjs";
import wasm from "./pyodide.asm.wasm";
import kernel from "./kernel.wasm";
import heap from "./heap.bin";
import library from "./stdlib.zip.bin";
import app from "./tiny_dancer.zip.bin";
import type { FileName } from "../protocol/calls.js";
import { LoadError } from "../protocol/errors.js";
import type { Host } from "../worker/host.js";
import { type Scope, Server } from "../worker/server.js";
import { type Started, startPython } from "../worker/start.js";

giveBackProcess();

const LIBRARY = "stdlib.zip";
const FILES: Partial<Record<FileName, ArrayBuffer | WebAssembly.Module>> = {
  "pyodide.asm.wasm": wasm,
  "kernel.wasm": kernel,
  "heap.bin": heap,
  "stdlib.zip.bin": library,
  "tiny_dancer.zip.bin": app,
};

/** Nothing is fetched, and all settles in microtasks, so requests may share the start. */
const isolate: Host = {
  indexURL: BASE,
  stdLibURL: BASE + LIBRARY,
  total: Object.keys(FILES).reduce((sum, name) => sum + (BUILD.files[name]?.bytes ?? 0), 0),
  read: (name) => Promise.resolve(new Uint8Array(FILES[name] as ArrayBuffer)),
  compile: (name) => Promise.resolve(FILES[name] as WebAssembly.Module),
  importModule: <T>() => Promise.resolve({ default: createPyodideModule } as T),
  lend: ({ module }, job) => withEnvironment({ [LIBRARY]: library }, module, job),
};

let started: Promise<Started> | undefined;

/** All servers of an isolate share one Python, which would not fit into its memory many times. */
export function createServer(send: Scope["send"]): Server {
  let mine: typeof started;
  const forget = () => {
    if (started === mine) started = undefined; // the next start makes another
  };
  return new Server({ send, close: forget }, ({ snapshot }) => {
    mine = started ??= start(snapshot);
    mine.catch(forget);
    return mine;
  });
}

async function start(snapshot: boolean): Promise<Started> {
  try {
    crypto.getRandomValues(new Uint8Array(1));
  } catch (cause) {
    const right = "call it inside a handler, once: `router ??= Router.load()`";
    throw new LoadError(`Router.load: workerd gives no random numbers at global scope; ${right}`, { cause });
  }
  return startPython(isolate, snapshot);
}

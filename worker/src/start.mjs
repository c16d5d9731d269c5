/** From the files of the upload to a Python that serves. */
import { BASE, giveBackProcess, withEnvironment } from "./boot/workerd.mjs"; // first: before pyodide.mjs
import { env } from "cloudflare:workers";
import { loadPyodide } from "./pyodide/pyodide.mjs";
import createPyodideModule from "./pyodide/pyodide.asm.mjs";
import wasm from "./pyodide/pyodide.asm.wasm";
import stdlib from "./pack/stdlib.zip.bin";
import app from "./pack/tiny_dancer.zip.bin";
import kernel from "./pack/kernel.wasm";
import worker from "./tiny_dancer_worker.py.bin";
import upstream from "./tiny_dancer_upstream.py.bin";
import { createGlue } from "./boot/glue.mjs";
import { APP, startFromImage, startPlain } from "./boot/boot.mjs";
import { Upstream } from "./upstream.mjs";

giveBackProcess();

const LIBRARY = "stdlib.zip";
const files = { [APP]: app, "tiny_dancer_worker.py": worker, "tiny_dancer_upstream.py": upstream };
const parts = {
  loadPyodide,
  createPyodideModule,
  indexURL: BASE,
  stdLibURL: BASE + LIBRARY,
  files: Object.fromEntries(Object.entries(files).map(([name, data]) => [name, new Uint8Array(data)])),
};

/**
 * @param {{ meta: import("./boot/boot.mjs").Meta, heap: Uint8Array }} [image] without one, Python starts
 *   plainly, which asks for entropy and so has to happen inside a request
 * @returns {Promise<any>} Pyodide with the package on its path
 */
export function start(image) {
  return withEnvironment({ [LIBRARY]: stdlib }, wasm, () => (image ? startFromImage(parts, image) : startPlain(parts)));
}

/**
 * @param {any} pyodide
 * @returns {any} the module of tiny_dancer_worker.py
 * @throws {Error} the settings in CONFIG are malformed; the message says where
 */
export function open(pyodide) {
  pyodide.registerJsModule("tiny_dancer_glue", createGlue(kernel));
  pyodide.registerJsModule("tiny_dancer_environment", { DB: env.DB, secret, text, Upstream });
  return pyodide.pyimport("tiny_dancer_worker");
}

/** A secret or a variable; undefined where it is not set. */
const secret = (name) => (typeof env[name] === "string" ? env[name] : undefined);

/** The same of a variable that may be JSON. */
const text = (name) => secret(name) ?? JSON.stringify(env[name] ?? null);

/** From the files of the upload to a Python that serves. */
import { BASE, evaluated, lent } from "./env.mjs"; // first, before pyodide.mjs
import { env } from "cloudflare:workers";
import { loadPyodide } from "./pyodide/pyodide.mjs";
import createPyodideModule from "./pyodide/pyodide.asm.mjs";
import wasm from "./pyodide/pyodide.asm.wasm";
import stdlib from "./pack/stdlib.zip.bin";
import app from "./pack/tiny_dancer.zip.bin";
import kernel from "./pack/kernel.wasm";
import entry from "./entry.py.bin";
import { createGlue } from "./boot/glue.mjs";
import { APP, startFromImage, startPlain } from "./boot/boot.mjs";

evaluated();

const LIBRARY = "stdlib.zip";
const ENTRY = "tiny_dancer_worker";
const parts = {
  loadPyodide,
  createPyodideModule,
  indexURL: BASE,
  stdLibURL: BASE + LIBRARY,
  files: { [APP]: new Uint8Array(app), [`${ENTRY}.py`]: new Uint8Array(entry) },
};

/**
 * @param {{ meta: import("./boot/boot.mjs").Meta, heap: Uint8Array }} [image] without one, Python starts
 *   plainly, which asks for entropy and so has to happen inside a request
 * @returns {Promise<{ pyodide: any, entry: any }>} `entry` is the module of entry.py
 */
export async function start(image) {
  const pyodide = await lent({ [LIBRARY]: stdlib }, wasm, () =>
    image ? startFromImage(parts, image) : startPlain(parts),
  );
  pyodide.registerJsModule("tiny_dancer_glue", createGlue(kernel));
  pyodide.registerJsModule("tiny_dancer_environment", { DB: env.DB });
  return { pyodide, entry: pyodide.pyimport(ENTRY) };
}

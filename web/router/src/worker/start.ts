/** Starts Python from the pack's files: from the memory image, or plainly where there is any doubt. */
import { loadPyodide, type PyodideAPI, version } from "pyodide";
import { APP, type Meta, type Parts, reseed, startFromImage, startPlain, VERSION } from "tiny-dancer-pack/boot.mjs";
import { createGlue } from "tiny-dancer-pack/glue.mjs";
import type { Host } from "./host.js";
import { SOURCES } from "./sources.js";
import type { Answer, Method } from "../protocol/calls.js";
import { LoadError } from "../protocol/errors.js";

/** The functions of tiny_dancer_session: each gives JSON text or an error, `embed` a vector or an error. */
export type Session = Readonly<Record<Method, (...args: unknown[]) => Answer<Method>>>;

export interface Started {
  readonly pyodide: PyodideAPI;
  readonly session: Session;
  /** True where Python came from the memory image. */
  readonly snapshot: boolean;
  /** That were fetched. */
  readonly bytes: number;
}

/**
 * Everything is fetched and compiled at once, before Pyodide's loader runs: that one logs what fails
 * and then waits for ever.
 *
 * @param snapshot try the memory image first
 */
export async function startPython(host: Host, snapshot: boolean): Promise<Started> {
  if (version !== VERSION) throw new LoadError(`Pyodide ${version} is bundled, ${VERSION} is needed`);
  const [module, library, app, kernel, asm, heap] = await Promise.all([
    host.compile("pyodide.asm.wasm"),
    host.read("stdlib.zip.bin"),
    host.read("tiny_dancer.zip.bin"),
    compileKernel(host),
    host.importModule<{ default: unknown }>("pyodide.asm.mjs"),
    snapshot ? host.read("heap.bin", true).catch(warn) : undefined,
  ]);
  const { indexURL, stdLibURL } = host;
  const files = { [APP]: app, ...SOURCES };
  const parts: Parts = { loadPyodide, createPyodideModule: asm.default, indexURL, stdLibURL, files };
  const start = () => host.lend({ module, library }, () => startPlain<PyodideAPI>(parts));
  const image = heap && (await host.lend({ module, library }, () => restore(parts, heap)).catch(warn));
  const pyodide = image ?? (await start().catch(refuse));
  if (kernel) pyodide.registerJsModule("tiny_dancer_glue", createGlue(kernel));
  const session = pyodide.pyimport("tiny_dancer_session") as unknown as Session;
  return { pyodide, session, snapshot: image !== undefined, bytes: host.total };
}

async function restore(parts: Parts, heap: Uint8Array): Promise<PyodideAPI> {
  const pyodide = await startFromImage<PyodideAPI>(parts, { meta: BUILD.image as Meta, heap });
  reseed(pyodide);
  return pyodide;
}

function warn(cause: unknown): undefined {
  console.warn(`tiny-dancer: no start from the memory image, but a plain one: ${String(cause)}`);
}

function refuse(cause: unknown): never {
  throw new LoadError(`Pyodide does not start: ${String(cause)}`, { cause });
}

/** The kernel, or undefined where this engine lacks WebAssembly SIMD: Python then takes its twin. */
async function compileKernel(host: Host): Promise<WebAssembly.Module | undefined> {
  return host.compile("kernel.wasm").catch((error: unknown) => {
    if (error instanceof WebAssembly.CompileError) return undefined;
    throw error;
  });
}

import { loadPyodide, type PyodideAPI, version } from "pyodide";
import { APP, startPlain, VERSION } from "tiny-dancer-pack/boot.mjs";
import { createGlue } from "tiny-dancer-pack/glue.mjs";
import { describePolicyFault, watchDownloads } from "./download.js";
import { SOURCES } from "./sources.js";
import type { Answer, Method, Progress, Start } from "../protocol/calls.js";
import { LoadError } from "../protocol/errors.js";

/** The functions of tiny_dancer_session: each gives JSON text or an error, `embed` a vector or an error. */
export type Session = Readonly<Record<Method, (...args: unknown[]) => Answer<Method>>>;

export interface Started {
  readonly pyodide: PyodideAPI;
  readonly session: Session;
}

/** Never fetched: `watchDownloads` maps what Pyodide asks for below it to our files. */
const BASE = "https://pyodide.invalid/";

/** Starts Pyodide with the package from these files. */
export async function startPython(
  files: Start["files"],
  onProgress: (progress: Progress) => void,
): Promise<Started> {
  const known = { [`${BASE}pyodide.asm.wasm`]: files["pyodide.asm.wasm"] };
  return watchDownloads(known, onProgress, async () => {
    const kernel = compileKernel(files["kernel.wasm"]);
    const app = fetchBytes(files["tiny_dancer.zip"]);
    if (version !== VERSION) throw new LoadError(`Pyodide ${version} is bundled, ${VERSION} is needed`);
    const asm = await importModule<{ default: unknown }>(files["pyodide.asm.mjs"]);
    const parts = {
      loadPyodide,
      createPyodideModule: asm.default,
      indexURL: BASE,
      stdLibURL: files["stdlib.zip"],
      files: { [APP]: app, ...SOURCES },
    };
    const pyodide = (await startPlain(parts).catch((cause: unknown) => {
      throw new LoadError(`Pyodide does not start: ${String(cause)}`, { cause });
    })) as PyodideAPI;
    const module = await kernel;
    if (module) pyodide.registerJsModule("tiny_dancer_glue", createGlue(module));
    const session = pyodide.pyimport("tiny_dancer_session") as unknown as Session;
    return { pyodide, session };
  });
}

async function importModule<T>(url: string): Promise<T> {
  return (await import(url).catch((cause: unknown) => {
    throw new LoadError(`${url}: cannot be imported`, { cause });
  })) as T;
}

/** The kernel, or undefined where this engine lacks WebAssembly SIMD: Python then takes its twin. */
async function compileKernel(url: string): Promise<WebAssembly.Module | undefined> {
  const response = await fetch(url);
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (error) {
    const fault = describePolicyFault(error);
    if (fault) throw fault;
    if (error instanceof WebAssembly.CompileError) return undefined;
    const type = response.headers.get("content-type") ?? "without a type";
    throw new LoadError(`${url}: served as ${type}, application/wasm is needed`, { cause: error });
  }
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

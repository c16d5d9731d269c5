import type { PyodideAPI, loadPyodide } from "pyodide";
import { notAllowed, watched } from "./download.js";
import { LoadError } from "./errors.js";
import { createGlue } from "./glue.mjs";
import type { Manifest } from "./manifest.js";
import type { Answer, Method, Progress } from "./protocol.js";

/** The functions of session.py: each gives JSON text or an error, `embed` a vector or an error. */
export type Session = Readonly<Record<Method, (...args: unknown[]) => Answer<Method>>>;

export interface Started {
  readonly pyodide: PyodideAPI;
  readonly session: Session;
  readonly manifest: Manifest;
}

/** What is used of pack/boot.mjs, which every host starts from. */
interface Pack {
  readonly APP: string;
  readonly VERSION: string;
  startPlain(parts: Parts): Promise<PyodideAPI>;
}

interface Parts {
  loadPyodide: typeof loadPyodide;
  indexURL: string;
  stdLibURL: string;
  files: Record<string, Promise<Uint8Array>>;
}

/**
 * Starts Pyodide with the package from the files of one folder.
 *
 * @param base the run-time folder, as laid out by stage.mjs, with a slash at its end
 */
export async function boot(base: string, onProgress: (progress: Progress) => void): Promise<Started> {
  const at = (name: string) => new URL(name, base).href;
  const manifest = await fetchManifest(at("manifest.json"));
  return watched(manifest, onProgress, async () => {
    const kernel = compileKernel(at("kernel.wasm"));
    const app = fetchBytes(at("tiny_dancer.zip"));
    const source = fetchBytes(at("session.py"));
    const pack = await imported<Pack>(at("pack/boot.mjs"));
    const library = await imported<typeof import("pyodide")>(at("pyodide/pyodide.mjs"));
    if (library.version !== pack.VERSION) {
      throw new LoadError(`${at("pyodide/")}: Pyodide ${library.version}, ${pack.VERSION} is needed`);
    }
    const parts = {
      loadPyodide: library.loadPyodide,
      indexURL: at("pyodide/"),
      stdLibURL: at("stdlib.zip"),
      files: { [pack.APP]: app, "tiny_dancer_session.py": source },
    };
    const pyodide = await pack.startPlain(parts).catch((cause: unknown) => {
      throw new LoadError(`Pyodide does not start: ${String(cause)}`, { cause });
    });
    const module = await kernel;
    if (module) pyodide.registerJsModule("tiny_dancer_glue", createGlue(module));
    const session = pyodide.pyimport("tiny_dancer_session") as unknown as Session;
    return { pyodide, session, manifest };
  });
}

async function imported<T>(url: string): Promise<T> {
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
    const forbidden = notAllowed(error);
    if (forbidden) throw forbidden;
    if (error instanceof WebAssembly.CompileError) return undefined;
    const type = response.headers.get("content-type") ?? "without a type";
    throw new LoadError(`${url}: served as ${type}, application/wasm is needed`, { cause: error });
  }
}

async function fetchManifest(url: string): Promise<Manifest> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new LoadError(`${url}: cannot be reached`, { cause });
  });
  if (!response.ok) throw new LoadError(`${url}: the server answers ${String(response.status)}`);
  return (await response.json()) as Manifest;
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

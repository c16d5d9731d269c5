import type { PyodideAPI } from "pyodide";
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

/** The part of Emscripten's file system that is used. */
interface Files {
  mkdirTree(path: string): void;
  writeFile(path: string, data: Uint8Array): void;
}

const FOLDER = "/lib/tiny_dancer_runtime";

/**
 * Starts Pyodide with the router's wheel from the files of one folder.
 *
 * @param base the run-time folder, as laid out by stage.mjs, with a slash at its end
 */
export async function boot(base: string, onProgress: (progress: Progress) => void): Promise<Started> {
  const at = (name: string) => new URL(name, base).href;
  const manifest = await fetchManifest(at("manifest.json"));
  return watched(manifest, onProgress, async () => {
    const kernel = compileKernel(at("kernel.wasm"));
    const wheel = fetchBytes(at(manifest.wheel));
    const source = fetchBytes(at("session.py"));
    const pyodide = await startPyodide(at("pyodide/"), manifest.pyodide);
    const module = await kernel;
    if (module) pyodide.registerJsModule("tiny_dancer_glue", createGlue(module));
    const files = pyodide.FS as unknown as Files;
    files.mkdirTree(FOLDER);
    files.writeFile(`${FOLDER}/${manifest.wheel}`, await wheel);
    files.writeFile(`${FOLDER}/tiny_dancer_session.py`, await source);
    pyodide.runPython(`import sys; sys.path += ["${FOLDER}", "${FOLDER}/${manifest.wheel}"]`);
    const session = pyodide.pyimport("tiny_dancer_session") as unknown as Session;
    return { pyodide, session, manifest };
  });
}

async function startPyodide(indexURL: string, version: string): Promise<PyodideAPI> {
  const url = `${indexURL}pyodide.mjs`;
  const library = (await import(url).catch((cause: unknown) => {
    throw new LoadError(`${url}: cannot be imported`, { cause });
  })) as typeof import("pyodide");
  if (library.version !== version) {
    throw new LoadError(`${url}: Pyodide ${library.version}, ${version} is needed`);
  }
  const options = { indexURL, packageBaseUrl: indexURL, lockFileContents: emptyLock(version) };
  return library.loadPyodide(options).catch((cause: unknown) => {
    throw new LoadError(`Pyodide does not start: ${String(cause)}`, { cause });
  });
}

/** Nothing is ever installed by name here, so the list of packages stays out of the download. */
function emptyLock(version: string): string {
  const info = {
    abi_version: "2026_0",
    arch: "wasm32",
    platform: "emscripten_5_0_3",
    python: "3.14.2",
    version,
  };
  return JSON.stringify({ info, packages: {} });
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

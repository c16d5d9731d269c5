import type { Files } from "../protocol/calls.js";

/**
 * Addresses of the run time's files: in the folder `base`, or in this package. Those are written so
 * that bundlers see them and emit the files; they are relative to dist/index.js.
 */
export function locateFiles(base?: string | URL): Files {
  // Where there is no page, its own addresses are whole already.
  const page = (globalThis as { location?: Location }).location?.href ?? import.meta.url;
  const folder = base === undefined ? undefined : toFolder(base, page);
  const files = {
    "worker.js": new URL("../runtime/worker.js", import.meta.url),
    "store.js": new URL("../runtime/store.js", import.meta.url),
    "pyodide.asm.mjs": new URL("../runtime/pyodide.asm.mjs", import.meta.url),
    "pyodide.asm.wasm": new URL("../runtime/pyodide.asm.wasm", import.meta.url),
    "stdlib.zip.bin": new URL("../runtime/stdlib.zip.bin", import.meta.url),
    "tiny_dancer.zip.bin": new URL("../runtime/tiny_dancer.zip.bin", import.meta.url),
    "kernel.wasm": new URL("../runtime/kernel.wasm", import.meta.url),
    "heap.bin": new URL("../runtime/heap.bin", import.meta.url),
  };
  // Turbopack puts in addresses without an origin.
  const addresses = Object.entries(files).map(([name, own]) => [
    name,
    String(folder ? new URL(name, folder) : new URL(String(own), page)),
  ]);
  return Object.fromEntries(addresses) as Files;
}

function toFolder(base: string | URL, page: string): URL {
  const folder = new URL(base, page);
  if (!folder.pathname.endsWith("/")) folder.pathname += "/";
  return folder;
}

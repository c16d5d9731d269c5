/** A worker that starts Pyodide as it is published and unpacks the package's wheel, for comparison. */
import { loadPyodide } from "./pyodide/pyodide.mjs";
import { createGlue } from "./glue/glue.mjs";

const address = (name) => new URL(name, import.meta.url).href;

async function start() {
  const wheel = fetch(address("package.zip")).then((response) => response.arrayBuffer());
  const kernel = WebAssembly.compileStreaming(fetch(address("../lib/runtime/kernel.wasm")));
  const pyodide = await loadPyodide({ indexURL: address("pyodide/") });
  pyodide.unpackArchive(await wheel, "wheel");
  pyodide.registerJsModule("tiny_dancer_glue", createGlue(await kernel));
  const load = pyodide.runPython("from tiny_dancer import Router\nRouter.load");
  const router = await load();
  globalThis.postMessage({ loaded: true });
  return router;
}

const started = start();

globalThis.onmessage = async ({ data: prompt }) => {
  globalThis.postMessage({ model: (await started).route(prompt).model });
};

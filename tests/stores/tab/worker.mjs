/** Pyodide with the package, the promises and the functions of web/router/src/store, as module `tab`. */
import { loadPyodide } from "./pyodide/pyodide.mjs";
import { deleteStore, openStore, STEPS } from "./store.js";

const more = (database, upgrade) => {
  upgrade.objectStore("decisions").createIndex("model", "model");
};

const ready = (async () => {
  const pyodide = await loadPyodide();
  const parts = await (await fetch("parts.json")).json();
  for (const [name, text] of Object.entries(parts)) {
    pyodide.FS.mkdirTree(name.slice(0, name.lastIndexOf("/")));
    pyodide.FS.writeFile(name, text);
  }
  pyodide.runPython("import sys; sys.path.insert(0, '/src')");
  pyodide.registerJsModule("tab", {
    open: (name, events) => openStore(name, events),
    openNewer: (name, events) => openStore(name, events, [...STEPS, more]),
    remove: (name) => deleteStore(name),
    say: (text) => postMessage({ say: text }),
    usage: async () => (await navigator.storage.estimate()).usage,
    /** A connection of a page that does not let go when asked to. */
    hold: (name) =>
      new Promise((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve({ release: () => request.result.close() });
      }),
  });
  return pyodide;
})();

onmessage = async ({ data: { id, code } }) => {
  try {
    const pyodide = await ready;
    postMessage({ id, value: String(await pyodide.runPythonAsync(code)) });
  } catch (error) {
    postMessage({ id, error: String(error?.message ?? error) });
  }
};

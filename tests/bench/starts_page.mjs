/** The page of tab_starts.py: milliseconds from a click to loaded, and to the first decision. */
import { Router } from "./lib/dist/index.js";

const PROMPT = "Prove that there is no largest prime.";

let decide;

async function startStock(note) {
  const worker = new globalThis.Worker(new URL("stock/worker.mjs", import.meta.url), { type: "module" });
  const route = () => {
    return new Promise((resolve, reject) => {
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.onmessage = ({ data }) => {
        if (data.loaded) note("loaded");
        else resolve(data.model);
      };
      worker.postMessage(PROMPT);
    });
  };
  decide = route;
  return route();
}

async function startRouter(snapshot, note) {
  const onProgress = ({ loaded, total }) => {
    if (loaded === total) note("fetched");
  };
  const router = await Router.load({ snapshot, onProgress });
  note("loaded");
  decide = async () => (await router.route(PROMPT)).model;
  return decide();
}

const MODES = {
  stock: startStock,
  plain: (note) => startRouter(false, note),
  image: (note) => startRouter(true, note),
};

globalThis.measure = async (mode) => {
  const begin = performance.now();
  const marks = {};
  const note = (name) => (marks[name] ??= performance.now() - begin);
  const model = await MODES[mode](note);
  return { model, ...marks, decided: performance.now() - begin };
};

/** As in a visit that is not over at once: what runs often is what the browser keeps compiled. */
globalThis.use = async (times) => {
  for (let n = 0; n < times; n++) await decide();
};

globalThis.save = async () => {
  await globalThis.navigator.serviceWorker.register("/sw.js");
  await globalThis.navigator.serviceWorker.ready;
};

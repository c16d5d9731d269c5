/** The page of test_indexeddb.py: hands Python to a worker and acknowledgements to the console. */
const worker = new Worker("worker.mjs", { type: "module" });
const waiting = new Map();
let calls = 0;

const PATIENCE_MS = 600_000;

/** The worker's answer to some Python, a text; the last expression is what counts. */
globalThis.python = (code) =>
  new Promise((resolve, reject) => {
    waiting.set(++calls, { resolve, reject });
    setTimeout(() => reject(new Error("no answer")), PATIENCE_MS);
    worker.postMessage({ id: calls, code });
  });

worker.onmessage = ({ data }) => {
  if (data.say !== undefined) return console.log(data.say);
  const { resolve, reject } = waiting.get(data.id);
  waiting.delete(data.id);
  if (data.error === undefined) resolve(data.value);
  else reject(new Error(data.error));
};
worker.onerror = (event) => console.error(event.message);

/**
 * Times calls in Node: Python in Pyodide, one or more revisions of it, the native package and the kernel alone.
 *
 * usage: node tests/bench/node_worker.mjs NUMBERS NAME=FOLDER ...     a folder is one that revision.py made
 *
 * Answers each line {"who", "way", "n", "calls"} of standard input by one line: "answer: " and as JSON the
 * microseconds of each call; who is `peer`, `kernel` or a name. The first one tells what runs here. Other lines come
 * from the native package.
 */
import path from "node:path";
import readline from "node:readline";
import { main, read, start } from "../hosts/pyodide_node.mjs";
import { openPeer, peerVersion } from "./peer.mjs";

const here = import.meta.dirname;
const [numbers, ...named] = process.argv.slice(2);

/** Python in a Pyodide of its own, with the package, the glue and the kernel of a revision. */
async function revision(folder) {
  const { createGlue } = await import(path.join(folder, "glue/glue.mjs"));
  const kernel = path.join(folder, "kernel.wasm");
  const model = path.join(folder, "model.safetensors");
  const py = await start({ wheel: path.join(folder, "wheel.whl"), model, glue: createGlue, kernel });
  py.FS.writeFile("/tests/calls.py", read(path.join(here, "calls.py")));
  py.FS.writeFile("/tmp/numbers", read(numbers));
  return py;
}

function timing(py) {
  const batch = py.runPython(`
import json
from calls import PROMPT, WAYS, Calls
with open("/tmp/numbers", "rb") as file:
    calls = Calls("/tmp/model", file.read())
lambda way, n, count: json.dumps(calls.batch(way, n, count))
`);
  return ({ way, n, calls }) => JSON.parse(batch(way, n, calls));
}

/** The kernel with the model and the prompt already in its memory. */
function kernelAlone(folder, prompt) {
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(read(path.join(folder, "kernel.wasm")))).exports;
  const bytes = read(path.join(folder, "image"));
  const at = kernel.td_alloc(bytes.length);
  new Uint8Array(kernel.memory.buffer).set(bytes, at);
  if (kernel.td_load(at, bytes.length) < 0) throw new Error("td_load refused the image");
  const text = new TextEncoder().encode(prompt);
  const block = kernel.td_block();
  new Uint8Array(kernel.memory.buffer).set(text, block + 64);
  new Uint32Array(kernel.memory.buffer, block, 5).set([64 + text.length, 256, 1, text.length, 64]);
  return ({ calls }) =>
    Array.from({ length: calls }, () => {
      const begin = performance.now();
      kernel.td_run();
      return (performance.now() - begin) * 1e3;
    });
}

const answer = (value) => console.log(`answer: ${JSON.stringify(value)}`);

await main(async () => {
  const who = { peer: await openPeer(numbers) };
  const facts = { node: process.version, native: peerVersion(), best: {}, memory_mib: {} };
  for (const one of named) {
    const [name, folder] = one.split("=");
    const py = await revision(folder);
    who[name] = timing(py);
    facts.pyodide = py.version;
    facts.best[name] = JSON.parse(py.runPython("json.dumps([calls.best(way, 1000) for way in WAYS])"));
    facts.memory_mib[name] = py._module.HEAPU8.length / 2 ** 20;
    who.kernel ??= kernelAlone(folder, py.runPython("PROMPT"));
  }
  answer(facts);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    answer(await who[asked.who](asked));
  }
});

/**
 * Memory of Pyodide and of the kernel around many requests, as one line of JSON.
 *
 * usage: node tests/soak/pyodide.mjs WHEEL MODEL REQUESTS
 */
import path from "node:path";
import { main, read, start } from "../hosts/pyodide_node.mjs";

const kernels = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  if (instance.exports.td_run) kernels.push(instance.exports);
  return instance;
};

const [wheel, model, requests] = process.argv.slice(2);
await main(async () => {
  const py = await start({ wheel, model });
  py.FS.writeFile("/tests/memory.py", read(path.join(import.meta.dirname, "memory.py")));
  const memory = py.runPython(`
import json
from memory import WARM_UP, Requests
requests = Requests("/tmp/model")
requests.run(WARM_UP)
lambda: json.dumps(requests.memory())
`);
  const look = () => ({
    ...JSON.parse(memory()),
    kernel_bytes: kernels.reduce((sum, kernel) => sum + kernel.memory.buffer.byteLength, 0),
    pyodide_bytes: py._module.HEAPU8.length,
  });
  const before = look();
  py.globals.set("beat", (done) => process.stderr.write(`\r${done}`));
  py.runPython(`requests.run(${Number(requests)}, beat)`);
  console.log(JSON.stringify({ requests: Number(requests), before, after: look() }));
});

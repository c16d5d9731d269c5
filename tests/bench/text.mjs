/**
 * Times one text decision in Node: the kernel alone, and Python in Pyodide with and without the glue.
 *
 * usage: node tests/bench/text.mjs WHEEL IMAGE PROMPT     prints one line of JSON
 */
import fs from "node:fs";
import path from "node:path";
import { main, read, start } from "../hosts/pyodide_node.mjs";

const here = import.meta.dirname;
const [wheel, image, prompt] = process.argv.slice(2);

/** The kernel with the model and the request already in its memory. */
function kernelAlone() {
  const file = path.join(here, "../../py/tiny_dancer/data/kernel.wasm");
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(read(file))).exports;
  const bytes = read(image);
  const at = kernel.td_alloc(bytes.length);
  new Uint8Array(kernel.memory.buffer).set(bytes, at);
  if (kernel.td_load(at, bytes.length) < 0) throw new Error("td_load refused the image");
  const text = new TextEncoder().encode(prompt);
  const block = kernel.td_block();
  new Uint8Array(kernel.memory.buffer).set(text, block + 64);
  new Uint32Array(kernel.memory.buffer, block, 5).set([64 + text.length, 256, 1, text.length, 64]);
  return kernel.td_run;
}

/** Median over rounds of the mean of a batch, in microseconds, after V8 has optimised. */
function median(call) {
  for (const begin = performance.now(); performance.now() - begin < 200; ) call();
  const times = Array.from({ length: 101 }, () => {
    const begin = performance.now();
    for (let i = 0; i < 200; i++) call();
    return ((performance.now() - begin) / 200) * 1e3;
  });
  return times.sort((a, b) => a - b)[50];
}

async function pyodide(options) {
  const py = await start({ wheel, ...options });
  for (const name of ["batches.py", "stages.py"]) {
    py.FS.writeFile(`/tests/${name}`, fs.readFileSync(path.join(here, name), "utf8"));
  }
  py.globals.set("prompt", prompt);
  const found = py.runPython(`
import json
from stages import stages
json.dumps(stages(prompt))
`);
  return { stages: JSON.parse(found), wasm_memory_mib: py._module.HEAPU8.length / 2 ** 20 };
}

await main(async () => {
  const kernel = median(kernelAlone());
  const before = process.memoryUsage().rss;
  const glue = await pyodide({});
  const rss = process.memoryUsage().rss - before;
  const stock = await pyodide({ glue: null });
  console.log(
    JSON.stringify({
      kernel: Number(kernel.toFixed(2)),
      pyodide: glue.stages.text_route,
      pyodide_stages: glue.stages,
      pyodide_without_glue: stock.stages.text_route,
      pyodide_wasm_memory_mib: glue.wasm_memory_mib,
      node_rss_growth_mib: Number((rss / 2 ** 20).toFixed(1)),
      node: process.version,
    }),
  );
});

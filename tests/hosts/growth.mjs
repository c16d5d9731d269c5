/**
 * Decides before and after either memory grew; JSON: what grew, and the decisions.
 *
 * usage: node tests/hosts/growth.mjs WHEEL BUNDLE [--no-glue]
 */
import { main, options, start } from "./pyodide_node.mjs";

const kernels = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  if (instance.exports.td_run) kernels.push(instance.exports);
  return instance;
};

const { named, rest } = options(process.argv.slice(2), ["--no-glue"]);
const [wheel, model] = rest;
await main(async () => {
  const pyodide = await start({ wheel, model, ...(named["no-glue"] && { glue: null }) });
  const route = pyodide.runPython(`
from tiny_dancer import Router
import decisions
router = Router(model="/tmp/model")
spare = []
lambda: decisions.line(router.route("Prove that there are infinitely many primes.").to_dict())
`);
  const [kernel] = kernels;
  const size = () => pyodide.runPython("len(spare)") + pyodide._module.HEAPU8.length;
  const report = { kernels: kernels.length, lines: [route()], grown: {} };

  const python = size();
  pyodide.runPython("spare.append(bytearray(100_000_000))");
  report.grown.python = size() - python;
  report.lines.push(route());

  if (!named["no-glue"]) {
    const before = kernel.memory.buffer.byteLength;
    kernel.memory.grow(16);
    report.grown.kernel = kernel.memory.buffer.byteLength - before;
    report.lines.push(route());
    pyodide.runPython("spare.append(bytearray(200_000_000))");
    kernel.memory.grow(16);
    report.lines.push(route());
  }
  report.scorer = pyodide.runPython("router.scorer");
  pyodide.runPython("Router(model='/tmp/model')");
  report.kernels_after_second_router = kernels.length;
  console.log(JSON.stringify(report));
});

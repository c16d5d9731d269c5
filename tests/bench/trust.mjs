/**
 * What trust costs in Pyodide in Node; prints one line of JSON.
 *
 * usage: node tests/bench/trust.mjs WHEEL BUNDLE
 */
import path from "node:path";
import { main, read, start } from "../hosts/pyodide_node.mjs";

const [wheel, model] = process.argv.slice(2);
await main(async () => {
  const pyodide = await start({ wheel, model });
  pyodide.FS.writeFile("/tests/trust_work.py", read(path.join(import.meta.dirname, "trust_work.py")));
  const seconds = ({ user, system }) => (user + system) / 1e6;
  pyodide.globals.set("processor_s", () => seconds(process.cpuUsage()));
  const found = await pyodide.runPythonAsync(`
import json
from pathlib import Path
from trust_work import measure
json.dumps(await measure(processor_s, Path("/tmp/model").read_bytes()))
`);
  console.log(found);
});

/**
 * Ranks seeded candidates before and after either memory grew; JSON: the rankings each time.
 *
 * usage: node tests/hosts/rankings.mjs WHEEL BUNDLE [--no-glue]
 */
import { main, options, start } from "./pyodide_node.mjs";

const { named, rest } = options(process.argv.slice(2), ["--no-glue"]);
const [wheel, model] = rest;
await main(async () => {
  const pyodide = await start({ wheel, model, ...(named["no-glue"] && { glue: null }) });
  const rank = pyodide.runPython("import rankings; rankings.opened('/tmp/model')");
  const seen = [rank(), rank()];
  pyodide.runPython("spare = [bytearray(100_000_000)]");
  seen.push(rank());
  pyodide.runPython("spare.append(bytearray(200_000_000))");
  seen.push(rank());
  console.log(JSON.stringify(seen));
});

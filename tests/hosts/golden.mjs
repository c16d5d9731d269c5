/**
 * Decisions from Pyodide in Node, one line of compact JSON for each prompt of a JSONL file.
 *
 * usage: node tests/hosts/golden.mjs PROMPTS WHEEL [--model BUNDLE] [--no-glue]
 */
import { main, options, read, start } from "./pyodide_node.mjs";

const { named, rest } = options(process.argv.slice(2), ["--no-glue"]);
const [prompts, wheel] = rest;
if (!wheel) {
  console.error("usage: node golden.mjs PROMPTS WHEEL [--model BUNDLE] [--no-glue]");
  process.exit(2);
}
await main(async () => {
  const glue = named["no-glue"] ? { glue: null } : {};
  const pyodide = await start({ wheel, model: named.model, ...glue });
  pyodide.FS.writeFile("/tmp/prompts", read(prompts));
  const decisions = pyodide.pyimport("decisions");
  process.stdout.write(decisions.main("/tmp/prompts", named.model ? "/tmp/model" : undefined));
});

/**
 * Decisions from Pyodide in Node, one line of compact JSON for each prompt of a JSONL file.
 *
 * With --twin it fails unless the twin decides; otherwise unless the kernel does.
 *
 * usage: node tests/hosts/golden.mjs PROMPTS WHEEL [--model BUNDLE] [--no-glue] [--twin]
 */
import { main, options, read, start } from "./pyodide_node.mjs";

const { named, rest } = options(process.argv.slice(2), ["--no-glue", "--twin"]);
const [prompts, wheel] = rest;
if (!wheel) {
  console.error("usage: node golden.mjs PROMPTS WHEEL [--model BUNDLE] [--no-glue] [--twin]");
  process.exit(2);
}
await main(async () => {
  const glue = named["no-glue"] ? { glue: null } : {};
  const pyodide = await start({ wheel, model: named.model, ...glue });
  pyodide.FS.writeFile("/tmp/prompts", read(prompts));
  const decisions = pyodide.pyimport("decisions");
  const scorer = named.twin ? "twin" : "kernel";
  process.stdout.write(decisions.main("/tmp/prompts", named.model ? "/tmp/model" : undefined, scorer));
});

/**
 * Adapts a bundle inside Pyodide in Node and prints what came of it as one line of JSON.
 *
 * usage: node tests/hosts/adapting.mjs WHEEL BUNDLE
 */
import { main, start } from "./pyodide_node.mjs";

const [wheel, model] = process.argv.slice(2);
if (!model) {
  console.error("usage: node adapting.mjs WHEEL BUNDLE");
  process.exit(2);
}
await main(async () => {
  const pyodide = await start({ wheel, model });
  const adapting = pyodide.pyimport("adapting");
  const found = JSON.parse(adapting.main("/tmp/model", "/tmp/labels.csv"));
  found.third_party = pyodide
    .runPython(
      "import sys; ' '.join(m for m in ('numpy', 'scipy', 'jax', 'sklearn') if m in sys.modules)",
    )
    .split(" ")
    .filter(Boolean);
  console.log(JSON.stringify(found));
});

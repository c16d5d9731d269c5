/**
 * Runs contract_worker.mjs twice in one workerd: Workers "a" and "b", an isolate each, on one local D1.
 * usage: node contract.mjs FOLDER
 * Prints what they say as JSON: `pair`, both asked at once on the fresh database, and then `contract`.
 */
import { Miniflare } from "../../worker/miniflare.mjs";
import { toOptions } from "../../worker/local.mjs";

const [folder] = process.argv.slice(2);
const worker = toOptions({ folder, entry: "contract_worker.mjs" });
const miniflare = new Miniflare({ workers: ["a", "b"].map((name) => ({ name, ...worker })) });

async function ask(name, path) {
  const { fetch } = await miniflare.getWorker(name);
  const response = await fetch(`http://${name}.invalid/${path}`, { method: "POST" });
  if (!response.ok) throw new Error(`${name}, ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

try {
  const pair = await Promise.all(["a", "b"].map((name) => ask(name, `d1_pair?${name} 10`)));
  const contract = await ask("a", "d1_promises");
  console.log(JSON.stringify({ pair, contract }));
} finally {
  await miniflare.dispose();
}

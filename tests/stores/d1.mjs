/**
 * Runs a Python module of this folder in Pyodide against Miniflare's D1 (real workerd behind it).
 * usage: node d1.mjs [--persist FOLDER] MODULE [ARGUMENT...]
 * For each argument an instance of Pyodide awaits MODULE.main(database, ARGUMENT), all of them at
 * once on one database; their answers are printed, a line each. What Python prints comes at once.
 */
import { parseArgs } from "node:util";
import { Miniflare } from "../../worker/miniflare.mjs";
import { loadPyodide } from "pyodide";
import { install } from "./pyodide_parts.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { persist: { type: "string" } },
});
const [module, ...given] = positionals;
const miniflare = new Miniflare({
  modules: true,
  script: "export default { fetch() { return new Response(null); } }",
  compatibilityDate: "2026-07-01",
  d1Databases: { DB: "history" },
  ...(values.persist && { d1Persist: values.persist }),
});

async function start() {
  const pyodide = await loadPyodide({ stdout: (line) => console.log(line) });
  install(pyodide);
  return pyodide.runPython(`from stores import ${module}; ${module}.main`);
}

try {
  const database = await miniflare.getD1Database("DB");
  const calls = given.length ? given : [""];
  const mains = await Promise.all(calls.map(start));
  const answers = await Promise.all(mains.map((main, n) => main(database, calls[n])));
  for (const answer of answers) console.log(answer);
} catch (error) {
  console.error(error?.message ?? error);
  process.exitCode = 1;
} finally {
  await miniflare.dispose();
}

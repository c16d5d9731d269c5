/**
 * Runs a Python module of this folder in Pyodide against Miniflare's D1 (real workerd behind it).
 * usage: node d1.mjs MODULE [ARGUMENT]: awaits MODULE.main(database, ARGUMENT), prints its answer.
 */
import { Miniflare } from "miniflare";
import { loadPyodide } from "pyodide";
import { install } from "./pyodide_parts.mjs";

const [module, argument = ""] = process.argv.slice(2);
const miniflare = new Miniflare({
  modules: true,
  script: "export default { fetch() { return new Response(null); } }",
  compatibilityDate: "2026-07-01",
  d1Databases: { DB: "history" },
});
try {
  const pyodide = await loadPyodide({ stdout: (line) => console.error(line) });
  install(pyodide);
  const main = pyodide.runPython(`import ${module}; ${module}.main`);
  console.log(await main(await miniflare.getD1Database("DB"), argument));
} catch (error) {
  console.error(error?.message ?? error);
  process.exitCode = 1;
} finally {
  await miniflare.dispose();
}

/**
 * Installs the wheel by micropip into Pyodide as published, with no network; JSON: what routes.
 *
 * usage: node tests/hosts/micropip_install.mjs WHEEL FOLDER_WITH_MICROPIP [--model BUNDLE]
 */
import path from "node:path";
import { copyIn, main, options, read, stock } from "./pyodide_node.mjs";

const { named, rest } = options(process.argv.slice(2));
const [wheel, packages] = rest;
await main(async () => {
  const pyodide = await stock();
  const requests = [];
  globalThis.fetch = (url) => {
    requests.push(String(url));
    return Promise.reject(new Error("this test has no network"));
  };
  const [site] = pyodide.runPython("import site; site.getsitepackages()").toJs();
  copyIn(pyodide, packages, site);
  const name = path.basename(wheel);
  pyodide.FS.writeFile(`/tmp/${name}`, read(wheel));
  if (named.model) pyodide.FS.writeFile("/tmp/model", read(named.model));
  pyodide.globals.set("wheel", `emfs:/tmp/${name}`);
  pyodide.globals.set("model", named.model ? "/tmp/model" : undefined);
  const report = await pyodide.runPythonAsync(`
import importlib.util, json, micropip
await micropip.install(wheel)
from tiny_dancer import Router
import decisions
router = Router(model=model)
ahead = await Router.load(model=model)
host = router._service.loaded.scorer._host if router.scorer == "kernel" else None
prompt = "What is the capital of France?"
json.dumps({
    "version": str(micropip.list()["tiny-dancer"].version),
    "scorer": router.scorer,
    "scorer_loaded": ahead.scorer,
    "glue": host.glue,
    "line": decisions.line(router.route(prompt).to_dict()),
    "third_party": [n for n in ("wasmtime", "typer", "rich") if importlib.util.find_spec(n)],
})
`);
  console.log(JSON.stringify({ ...JSON.parse(report), requests }));
});

/**
 * What crosses between Python and JavaScript in one decision, as JSON: Pyodide's own imports are
 * counted, so nothing this project calls can slip past.
 *
 * usage: node tests/hosts/crossings.mjs WHEEL BUNDLE [--no-glue]
 */
import { main, options, start } from "./pyodide_node.mjs";

/** Imports by which Python acts on a JavaScript object; type checks and bookkeeping are none. */
const ACTION = /^Jsv(Function_(Call|Construct)|Buffer_|Object_|Method_|Map_|Set_|Array_(Get|Set|Index))/;

const seen = { actions: {}, returned: {}, proxies: 0 };
let counting = false;

function counted(name, call) {
  return function (...values) {
    if (counting) {
      if (ACTION.test(name)) seen.actions[name] = (seen.actions[name] ?? 0) + 1;
      if (/pyproxy_new|JsProxy_create/.test(name)) seen.proxies += 1;
      if (/^js2python/.test(name)) {
        const type = typeof values[0];
        seen.returned[type] = (seen.returned[type] ?? 0) + 1;
      }
    }
    return call.apply(this, values);
  };
}

const { instantiate } = WebAssembly;
WebAssembly.instantiate = (code, imports) => {
  if (!imports?.env) return instantiate(code, imports);
  const { env } = imports;
  const wrapped = Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const counts = typeof value === "function" && /^(Jsv|js2python|pyproxy|JsProxy)/.test(name);
      return [name, counts ? counted(name, value) : value];
    }),
  );
  return instantiate(code, { ...imports, env: wrapped, wasi_snapshot_preview1: wrapped });
};

const { named, rest } = options(process.argv.slice(2), ["--no-glue"]);
const [wheel, model] = rest;
await main(async () => {
  const pyodide = await start({ wheel, model, ...(named["no-glue"] && { glue: null }) });
  pyodide.globals.set("mark", (on) => {
    counting = on;
  });
  const route = pyodide.runPython(`
from tiny_dancer import Router
router = Router(model="/tmp/model")
router.route("the first decision may look things up")
def route(prompt):
    mark(True)
    response = router.route(prompt)
    mark(False)
    return response.n_tokens
route
`);
  const nothing = pyodide.runPython("lambda: (mark(True), mark(False)) and None");
  const measure = (job) => {
    Object.assign(seen, { actions: {}, returned: {}, proxies: 0 });
    job();
    return structuredClone(seen);
  };
  const report = {
    scorer: pyodide.runPython("router.scorer"),
    glue: pyodide.runPython("router._service.loaded.scorer._host.glue"),
    marks: measure(nothing),
    decision: measure(() => route("What is the capital of France?")),
    long: measure(() => route("Prove it. ".repeat(10_000))),
  };
  if (pyodide.runPython("router._service.loaded.bundle.config.candidate is not None")) {
    const rank = pyodide.runPython(`
from rankings import NOW, packed, score_request
scorer, query = router._service.loaded.scorer, bytes(4 * 384)
scorer.reserve(9, 384, 0)
scorer.write(0, packed(1, 9, 384))
given = {"resident": 9, "packed": packed(2, 9, 384)}
def rank(name):
    mark(True)
    score = score_request(scorer, None, query, given[name], k=5, now=NOW)
    mark(False)
    return len(score.ranking)
for name in given:
    rank(name)
rank
`);
    report.resident = measure(() => rank("resident"));
    report.packed = measure(() => rank("packed"));
  }
  console.log(JSON.stringify(report));
});

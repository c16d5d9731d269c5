/**
 * Microseconds of a decision in Pyodide, part by part, beside the figures of the experiment.
 *
 * usage: node tests/hosts/bench.mjs WHEEL [--model BUNDLE] [--tokens N] [--json]
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { main, options, start } from "./pyodide_node.mjs";

const ROUNDS = 400;
const BATCH = 25;
/** Medians of the experiment (KERNEL.md, section 8): 36 tokens, H = 32, an unloaded EPYC core. */
const TARGET = { kernel: 6.9, scorer: 8.8 };
const TEXT = readFileSync(fileURLToPath(new URL("./bench_prompt.txt", import.meta.url)), "utf8");

const { named, rest } = options(process.argv.slice(2), ["--json"]);
const [wheel] = rest;
const tokens = Number(named.tokens ?? 36);

const kernels = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  if (instance.exports.td_run) kernels.push(instance.exports);
  return instance;
};

await main(async () => {
  const pyodide = await start({ wheel, model: named.model });
  pyodide.globals.set("model", named.model ? "/tmp/model" : undefined);
  pyodide.globals.set("text", TEXT);
  pyodide.globals.set("wanted", tokens);
  const batch = pyodide.runPython(`
from tiny_dancer import Router
router = Router(model=model)
words = text.split(" ")
prompts = (" ".join(words[:n]) for n in range(1, len(words) + 1))
prompt = next(p for p in prompts if router.route(p).n_tokens >= wanted)
scorer = router._model.scorer
data = prompt.encode()
route, score_text, run, to_dict = router.route, scorer.score_text, scorer._host.run, lambda: route(prompt).to_dict()
def batch(which, n):
    if which == "run":
        for _ in range(n): run()
    elif which == "scorer":
        for _ in range(n): score_text(data)
    elif which == "route":
        for _ in range(n): route(prompt)
    elif which == "to_dict":
        for _ in range(n): to_dict()
    else:
        for _ in range(n): pass
batch
`);
  const kernel = kernels.at(-1);
  const alone = (n) => {
    for (let i = 0; i < n; i++) kernel.td_run();
  };
  const parts = {
    kernel: alone,
    run: (n) => batch("run", n),
    scorer: (n) => batch("scorer", n),
    route: (n) => batch("route", n),
    to_dict: (n) => batch("to_dict", n),
    nothing: (n) => batch("nothing", n),
  };
  const times = Object.fromEntries(Object.keys(parts).map((name) => [name, []]));
  for (const part of Object.values(parts)) part(3000); // until V8 has optimised
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, part] of Object.entries(parts)) {
      const begin = performance.now();
      part(BATCH);
      times[name].push((1000 * (performance.now() - begin)) / BATCH);
    }
  }
  const quantile = (list, q) => list.toSorted((a, b) => a - b)[Math.floor(q * (list.length - 1))];
  const loop = quantile(times.nothing, 0.5);
  const result = { tokens: pyodide.runPython("route(prompt).n_tokens"), microseconds: {} };
  for (const name of ["kernel", "run", "scorer", "route", "to_dict"]) {
    const own = name === "kernel" ? 0 : loop;
    result.microseconds[name] = {
      p50: quantile(times[name], 0.5) - own,
      p95: quantile(times[name], 0.95) - own,
      experiment: TARGET[name] ?? null,
    };
  }
  if (named.json) {
    console.log(JSON.stringify(result));
    return;
  }
  const names = {
    kernel: "kernel alone, called from JavaScript",
    run: "the same, called from Python through the glue",
    scorer: "scorer: text in, numbers out",
    route: "router.route",
    to_dict: "router.route(...).to_dict()",
  };
  console.log(`${result.tokens} tokens, Pyodide ${pyodide.version}, Node ${process.version}; µs a call`);
  console.log("".padEnd(46), "P50".padStart(7), "P95".padStart(7), "experiment".padStart(11));
  for (const [name, { p50, p95, experiment }] of Object.entries(result.microseconds)) {
    const numbers = [p50.toFixed(1).padStart(7), p95.toFixed(1).padStart(7)];
    console.log(names[name].padEnd(46), ...numbers, String(experiment ?? "").padStart(11));
  }
});

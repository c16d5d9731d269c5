/**
 * Times candidates in Node: Python in Pyodide, and the native package @ruvector/tiny-dancer.
 *
 * usage: node tests/bench/candidates.mjs WHEEL MODEL NUMBERS NOW
 *
 * Answers each line {"who", "way", "n", "calls"} of standard input by one line: "answer: "
 * and as JSON the microseconds of each call. The first one tells what runs here. Other lines come from
 * the native package.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import native from "@ruvector/tiny-dancer";
import { main, read, start } from "../hosts/pyodide_node.mjs";

const here = import.meta.dirname;
const [wheel, model, numbers, now] = process.argv.slice(2);
const DIMENSION = 384;
const TEAMS = ["search", "billing", "support", "legal"];

/** The native router with a model of its own training, since it takes five inputs whatever the vectors. */
async function nativeRouter() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "native-"));
  const outputPath = path.join(folder, "model.safetensors");
  const rows = Array.from({ length: 200 }, (_, i) => {
    const embedding = Array.from({ length: 5 }, (_, j) => ((i * 7 + j * 13) % 100) / 100);
    return { embedding, scores: { cheap: embedding[0], dear: 0.8 } };
  });
  await native.trainRouter(rows, { cheap: 1, dear: 10 }, { outputPath, inputDim: 5, epochs: 3 });
  const router = new native.Router({ modelPath: outputPath });
  fs.rmSync(folder, { recursive: true });
  return router;
}

/** Requests of the native router; `bare` ones lack the optional fields. */
function nativeRequests() {
  const all = new Float32Array(read(numbers).buffer);
  const vector = (i) => all.slice(i * DIMENSION, (i + 1) * DIMENSION);
  const full = Array.from({ length: all.length / DIMENSION - 1 }, (_, i) => ({
    id: `candidate-${i}`,
    embedding: vector(i + 1),
    metadata: JSON.stringify({ team: TEAMS[i % TEAMS.length] }),
    createdAt: (now - 1000 * i) * 1000,
    accessCount: i % 50,
    successRate: 0.5 + i / 2500,
  }));
  const bare = full.map(({ id, embedding }) => ({ id, embedding }));
  const queryEmbedding = vector(0);
  return (way, n) =>
    way === "full"
      ? { queryEmbedding, candidates: full.slice(0, n), metadata: '{"team":"search"}' }
      : { queryEmbedding, candidates: bare.slice(0, n) };
}

const answer = (value) => console.log(`answer: ${JSON.stringify(value)}`);

await main(async () => {
  const router = await nativeRouter();
  const request = nativeRequests();
  async function peer({ way, n, calls }) {
    const asked = request(way, n);
    const times = [];
    for (let i = 0; i < calls; i++) {
      const begin = performance.now();
      const response = await router.route(asked);
      times.push((performance.now() - begin) * 1e3);
      if (response.decisions.length !== n) throw new Error(`${response.decisions.length} decisions`);
    }
    return times;
  }

  const py = await start({ wheel, model });
  py.FS.writeFile("/tests/calls.py", read(path.join(here, "calls.py")));
  py.FS.writeFile("/tmp/numbers", read(numbers));
  const batch = py.runPython(`
import json
from calls import Calls
with open("/tmp/numbers", "rb") as file:
    calls = Calls("/tmp/model", file.read(), ${Number(now)})
lambda way, n, count: json.dumps(calls.batch(way, n, count))
`);
  const pyodide = ({ way, n, calls }) => JSON.parse(batch(way, n, calls));

  answer({
    node: process.version,
    pyodide: py.version,
    native: nativeVersion(),
    best: JSON.parse(py.runPython("json.dumps([calls.best(way, 1000) for way in calls.WAYS])")),
  });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    answer(await (asked.who === "peer" ? peer : pyodide)(asked));
  }
});

function nativeVersion() {
  const file = new URL(import.meta.resolve("@ruvector/tiny-dancer/package.json"));
  return JSON.parse(fs.readFileSync(file, "utf8")).version;
}

/** The native package @ruvector/tiny-dancer, timed on the vectors and fields of calls.py. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import native from "@ruvector/tiny-dancer";
import { read } from "../hosts/pyodide_node.mjs";

const DIMENSION = 384;
const TEAMS = ["search", "billing", "support", "legal"];
const NOW = 1_760_000_000;

/** Times so many calls for n candidates; `bare` ones lack the optional fields. */
export async function openPeer(numbers) {
  const router = await nativeRouter();
  const all = new Float32Array(read(numbers).buffer);
  const vector = (i) => all.slice(i * DIMENSION, (i + 1) * DIMENSION);
  const full = Array.from({ length: all.length / DIMENSION - 1 }, (_, i) => ({
    id: `candidate-${i}`,
    embedding: vector(i + 1),
    metadata: JSON.stringify({ team: TEAMS[i % TEAMS.length] }),
    createdAt: (NOW - 1000 * i) * 1000,
    accessCount: i % 50,
    successRate: 0.5 + i / 2500,
  }));
  const bare = full.map(({ id, embedding }) => ({ id, embedding }));
  const queryEmbedding = vector(0);
  return async ({ way, n, calls }) => {
    const asked =
      way === "full"
        ? { queryEmbedding, candidates: full.slice(0, n), metadata: '{"team":"search"}' }
        : { queryEmbedding, candidates: bare.slice(0, n) };
    const times = [];
    for (let i = 0; i < calls; i++) {
      const begin = performance.now();
      const response = await router.route(asked);
      times.push((performance.now() - begin) * 1e3);
      if (response.decisions.length !== n) throw new Error(`${response.decisions.length} decisions`);
    }
    return times;
  };
}

export function peerVersion() {
  const file = new URL(import.meta.resolve("@ruvector/tiny-dancer/package.json"));
  return JSON.parse(fs.readFileSync(fileURLToPath(file), "utf8")).version;
}

/** With a model of its own training, since it takes five inputs whatever the vectors. */
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

// Times the kernel alone in Node: P50 over interleaved rounds, in microseconds.
// usage: node bench.mjs KERNEL.wasm IMAGE [KERNEL.wasm IMAGE ...]
// IMAGE is a model as tiny_dancer.model.image lays it out (docs/kernel.md, 4); this writes the shipped one:
//   python -c 'import sys; from tiny_dancer.hosts.package_data import default_bundle as bundle
//   from tiny_dancer.model import image, read_bundle
//   sys.stdout.buffer.write(image(read_bundle(bundle()), 512))' > IMAGE
// Where the model scores candidates, 1 to 1,000 of 384 numbers are timed too: resident ones of today and of fifty
// years ago, and those of a request, whose vectors are copied into the kernel part by part in the time taken.
// Several pairs are timed in turn, one round each, so that what else the machine does weighs on all of them alike.
import fs from "node:fs";

const PROMPT =
  "Write a Python function that parses ISO-8601 dates, handles time zones, and returns UTC timestamps; " +
  "include unit tests for the edge cases.";
const SHORT_TOKENS = 36;
const WARM_UP_MS = 150; // V8 optimises the kernel in this time; the first calls cost twice as much
const ROUND_MS = 2;
const ROUNDS = 101;
// Measured with the experiment that docs/kernel.md grew from: 36 tokens at H = 32, no cues, no mean state.
const EXPERIMENT_US = 6.9;
const TARGET_US = 8;
const DIMENSION = 384;
const CANDIDATES_US = new Map([[1, 0.36], [10, 0.88], [100, 5.3], [1000, 52]]); // the experiment's, int8 rows
const FORMATS = ["f32", "int8"];
const FIFTY_YEARS = 1_600_000_000; // in seconds
const PART = 32; // candidates of a request that are copied and scored in one piece

const encoder = new TextEncoder();

function open(kernelPath, imagePath) {
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(kernelPath))).exports;
  const image = fs.readFileSync(imagePath);
  const at = kernel.td_alloc(image.length);
  new Uint8Array(kernel.memory.buffer, at, image.length).set(image);
  const status = kernel.td_load(at, image.length);
  if (status < 0) throw new Error(`${imagePath}: td_load gave ${status}`);
  const hidden = image.readUInt32LE(16);
  return { kernel, hidden };
}

function ask(kernel, text) {
  const bytes = encoder.encode(text);
  const block = kernel.td_block();
  new Uint8Array(kernel.memory.buffer, block + 64, bytes.length).set(bytes);
  new Uint32Array(kernel.memory.buffer, block, 5).set([64 + bytes.length, 256, 1, bytes.length, 64]);
  const status = kernel.td_run();
  if (status < 0) throw new Error(`td_run gave ${status}`);
  return { bytes: bytes.length, tokens: new Uint32Array(kernel.memory.buffer, kernel.td_result(), 2)[1] };
}

/** The words of the prompt, over and over, until there are so many tokens. */
function promptOf(kernel, tokens) {
  const words = PROMPT.split(" ");
  let text = words[0];
  for (let i = 1; ask(kernel, text).tokens < tokens; i++) text += " " + words[i % words.length];
  return text;
}

/** Candidates, and a request for them; false where the model scores none. */
function askCandidates(kernel, n, format, age) {
  const status = kernel.td_candidates(0, n, DIMENSION, format);
  if (status < 0) throw new Error(`td_candidates gave ${status}`);
  const { buffer } = kernel.memory;
  const array = (which, Type, size) => new Type(buffer, kernel.td_array(0, which), size);
  const noise = (i) => Math.sin(i * 12.9898) % 1;
  array(0, format ? Int8Array : Float32Array, n * DIMENSION).forEach((_, i, rows) => (rows[i] = 127 * noise(i)));
  array(1, Int32Array, n).forEach((_, i, created) => (created[i] = 1000 * i));
  array(2, Uint32Array, 4 * n).forEach((_, i, pairs) => (pairs[i] = 2 ** 32 * Math.abs(noise(i))));
  for (const which of [3, 4]) array(which, Float32Array, n).forEach((_, i, x) => (x[i] = Math.abs(noise(i + which))));
  const committed = kernel.td_commit(0, 0, n);
  if (committed < 0) throw new Error(`td_commit gave ${committed}`);
  const block = kernel.td_block();
  const words = [64 + 4 * DIMENSION, 3248, 2, 0, 0, 64, DIMENSION, n, 5, 1000 * n + age, age ? 0 : 255, 0, 0, 0, 9, 0];
  new Uint32Array(buffer, block, 16).set(words);
  new Float32Array(buffer, block + 64, DIMENSION).forEach((_, i, query) => (query[i] = noise(i + 7)));
  return kernel.td_run() >= 0;
}

/** A run over candidates of the request: in parts, or in one piece where the kernel takes no parts. */
function packed(kernel, n) {
  const rows = Float32Array.from({ length: n * DIMENSION }, (_, i) => Math.sin(i * 12.9898));
  const bytes = new Uint8Array(rows.buffer);
  const memory = new Uint8Array(kernel.memory.buffer);
  const at = kernel.td_array(0, 0);
  if (!kernel.td_part) return () => (memory.set(bytes, at), kernel.td_commit(0, 0, n), kernel.td_run());
  return () => {
    for (let first = 0; first < n; first += PART) {
      const count = Math.min(PART, n - first);
      memory.set(bytes.subarray(4 * DIMENSION * first, 4 * DIMENSION * (first + count)), at);
      if (kernel.td_part(first, count) < 0) throw new Error("td_part failed");
    }
  };
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const now = () => performance.now();

const cases = [];
for (let i = 2; i + 1 < process.argv.length; i += 2) {
  const [kernelPath, imagePath] = process.argv.slice(i, i + 2);
  for (const tokens of [SHORT_TOKENS, 512]) {
    const { kernel, hidden } = open(kernelPath, imagePath);
    const size = ask(kernel, promptOf(kernel, tokens));
    const beside = hidden === 32 && size.tokens <= SHORT_TOKENS + 2 ? EXPERIMENT_US : undefined;
    const name = `H ${hidden}  ${String(size.bytes).padStart(5)} bytes  ${String(size.tokens).padStart(3)} tokens`;
    cases.push({ run: kernel.td_run, name, beside, target: TARGET_US, kernelPath, times: [], batch: 1 });
  }
  for (const [n, us] of CANDIDATES_US) {
    const add = (what, format, age, beside, run) => {
      const { kernel } = open(kernelPath, imagePath);
      if (!kernel.td_candidates || !askCandidates(kernel, n, format, age)) return;
      const name = `${String(n).padStart(5)} candidates, ${what}`;
      cases.push({ run: run?.(kernel, n) ?? kernel.td_run, name, beside, kernelPath, times: [], batch: 1 });
    };
    for (const format of FORMATS.keys()) add(`${FORMATS[format]} rows`, format, 0, format ? us : undefined);
    add("fifty years old", 1, FIFTY_YEARS);
    add("of a request", 0, 0, undefined, packed);
  }
}
if (cases.length === 0) throw new Error("usage: node bench.mjs KERNEL.wasm IMAGE [KERNEL.wasm IMAGE ...]");

function time({ run, batch }) {
  const start = now();
  for (let i = 0; i < batch; i++) run();
  return now() - start;
}

for (const one of cases) for (const start = now(); now() - start < WARM_UP_MS; ) one.run();
for (const one of cases) while (time(one) < ROUND_MS) one.batch *= 2;
for (let round = 0; round < ROUNDS; round++) for (const one of cases) one.times.push((1e3 * time(one)) / one.batch);

for (const { name, beside, target, kernelPath, times } of cases) {
  const figures = [beside && `experiment ${beside}`, beside && target && `target ${target}`].filter(Boolean).join(", ");
  console.log(`${kernelPath}  ${name.padEnd(30)}  ${median(times).toFixed(2).padStart(7)} us   ${figures}`.trimEnd());
}

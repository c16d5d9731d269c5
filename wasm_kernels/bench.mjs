// Times the kernel alone in Node: P50 over interleaved rounds, in microseconds.
// usage: node bench.mjs KERNEL.wasm IMAGE [KERNEL.wasm IMAGE ...]
// IMAGE is a model as tiny_dancer.model.image lays it out (docs/kernel.md, 4); this writes the shipped one:
//   python -c 'import sys; from tiny_dancer.hosts.package_data import default_bundle as bundle
//   from tiny_dancer.model import image, read_bundle
//   sys.stdout.buffer.write(image(read_bundle(bundle()), 512))' > IMAGE
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

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const now = () => performance.now();

const cases = [];
for (let i = 2; i + 1 < process.argv.length; i += 2) {
  const [kernelPath, imagePath] = process.argv.slice(i, i + 2);
  for (const tokens of [SHORT_TOKENS, 512]) {
    const { kernel, hidden } = open(kernelPath, imagePath);
    const size = ask(kernel, promptOf(kernel, tokens));
    cases.push({ run: kernel.td_run, hidden, ...size, kernelPath, times: [], batch: 1 });
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

for (const { hidden, bytes, tokens, kernelPath, times } of cases) {
  const beside = hidden === 32 && tokens <= SHORT_TOKENS + 2 ? `   experiment ${EXPERIMENT_US}, target ${TARGET_US}` : "";
  console.log(
    `${kernelPath}  H ${hidden}  ${String(bytes).padStart(5)} bytes  ${String(tokens).padStart(3)} tokens  ` +
      `${median(times).toFixed(2).padStart(7)} us${beside}`,
  );
}

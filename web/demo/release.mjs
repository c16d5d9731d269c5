/**
 * Turns Vite's output into a release: everything but what is in TOP goes into one folder named
 * by its content, so that files of two releases never mix and every one may be cached for ever.
 * Each large file gets a brotli and a gzip version beside it. What is larger than budget.json allows fails.
 */
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { publish } from "./publish.mjs";

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const kept = path.join(import.meta.dirname, "..", "..", "build", "compressed");
const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), "dist");
/** Their addresses must not change. */
const TOP = ["index.html", "live.html", "sw.js", "manifest.webmanifest", "icon-192.png", "icon-512.png", "icon-maskable.png"];
const budget = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "budget.json"), "utf8"));
const SMALLEST = 1000; // bytes; below, compression saves less than a packet

const files = fs
  .readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(dist, path.join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
  .sort();
const hash = createHash("sha256");
for (const name of files) {
  const bytes = fs.readFileSync(path.join(dist, name));
  hash.update(`${name}\0${bytes.length}\0`).update(bytes);
}
const release = hash.digest("hex").slice(0, 16);
const folder = `assets/${release}`;
const moved = files.filter((name) => !TOP.includes(name));
for (const name of moved) {
  const to = path.join(dist, folder, name);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.renameSync(path.join(dist, name), to);
}
for (const entry of fs.readdirSync(dist)) {
  if (!TOP.includes(entry) && entry !== "assets") fs.rmSync(path.join(dist, entry), { recursive: true });
}

const sizes = await Promise.all(moved.map((name) => compress(path.join(dist, folder, name))));
const sum = (key) => sizes.reduce((total, size) => total + size[key], 0);
const cached = ["./", ...moved.map((name) => `./${folder}/${name}`)];
rewrite("index.html", {
  './page/': `./${folder}/page/`,
  './favicon.svg': `./${folder}/favicon.svg`,
  'data-release=""': `data-release="${release}"`,
  'data-bytes=""': `data-bytes="${sum("raw")}"`,
  'data-transfer=""': `data-transfer="${sum("brotli")}"`,
});
rewrite("live.html", { './page/': `./${folder}/page/`, './favicon.svg': `./${folder}/favicon.svg` });
rewrite("sw.js", { __RELEASE__: release, "`__FILES__`": JSON.stringify(cached) });
const top = await Promise.all(TOP.map((name) => compress(path.join(dist, name))));
const transferred = (pick) => moved.reduce((total, name, at) => total + (pick(name) ? sizes[at].brotli : 0), 0);
const named = fs.readFileSync(path.join(dist, "index.html"), "utf8");
const found = {
  first: top[0].brotli + transferred((name) => named.includes(`${folder}/${name}`)),
  page: top[0].brotli + transferred((name) => !name.startsWith("runtime/")),
  all: top[0].brotli + transferred(() => true),
};
for (const [part, most] of Object.entries(budget.brotli)) {
  const said = `${part}: ${found[part]} bytes with brotli, at most ${most} by budget.json`;
  console.log(said);
  if (found[part] > most) throw new Error(said);
}
const megabytes = (key) => (sum(key) / 1e6).toFixed(1);
await publish(dist);
console.log(`release ${release}: ${megabytes("raw")} MB, ${megabytes("brotli")} MB with brotli`);

function rewrite(name, replacements) {
  const file = path.join(dist, name);
  let text = fs.readFileSync(file, "utf8").replace(/["']__FILES__["']/, "`__FILES__`");
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`${name}: ${from} is not in it`);
    text = text.replaceAll(from, () => to);
  }
  fs.writeFileSync(file, text);
}

/** Quality 9: a tenth larger than 11, and twenty times as fast; what was compressed once is kept. */
async function compress(file) {
  const bytes = fs.readFileSync(file);
  const raw = bytes.length;
  if (raw < SMALLEST || file.endsWith(".png")) return { raw, brotli: raw };
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  const params = { [BROTLI_PARAM_QUALITY]: 9, [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: raw };
  const known = path.join(kept, createHash("sha256").update(bytes).digest("hex"));
  if (!fs.existsSync(`${known}.gz`)) {
    const [br, gz] = await Promise.all([brotli(bytes, { params }), gzip(bytes, { level: 9 })]);
    fs.mkdirSync(kept, { recursive: true });
    fs.writeFileSync(`${known}.br`, br);
    fs.writeFileSync(`${known}.gz`, gz);
  }
  for (const suffix of [".br", ".gz"]) fs.copyFileSync(known + suffix, file + suffix);
  return { raw, brotli: fs.statSync(`${known}.br`).size };
}

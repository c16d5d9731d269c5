#!/usr/bin/env node
/**
 * Copies the folder that `Router.load({ base })` starts from, with brotli and gzip versions of its files.
 *
 * usage: tiny-dancer-stage FOLDER
 */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compress } from "./compress.mjs";

const runtime = path.join(path.dirname(fileURLToPath(import.meta.url)), "runtime");
const ELSEWHERE = ["node.js", "workerd.js", "wasm"];

/**
 * Writes the folder anew.
 *
 * @param {string} out
 * @returns {Promise<Record<string, { raw: number, brotli: number }>>} bytes of every file a page asks for
 */
export async function stage(out) {
  fs.rmSync(out, { recursive: true, force: true });
  fs.cpSync(runtime, out, { recursive: true, filter: (file) => !ELSEWHERE.includes(path.basename(file)) });
  const names = fs.readdirSync(out);
  const sizes = await Promise.all(names.map((name) => compress(path.join(out, name))));
  return Object.fromEntries(names.map((name, at) => [name, sizes[at]]));
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [out] = process.argv.slice(2);
  if (!out) {
    console.error("usage: tiny-dancer-stage FOLDER");
    process.exit(2);
  }
  const sizes = Object.values(await stage(out));
  const megabytes = (key) => (sizes.reduce((sum, size) => sum + size[key], 0) / 1e6).toFixed(1);
  console.log(`${out}: ${megabytes("raw")} MB, ${megabytes("brotli")} MB with brotli`);
}

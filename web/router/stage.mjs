#!/usr/bin/env node
/**
 * Copies the folder that `Router.load({ base })` starts from.
 *
 * usage: tiny-dancer-stage FOLDER
 */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const runtime = path.join(path.dirname(fileURLToPath(import.meta.url)), "runtime");

/**
 * Writes the folder anew.
 *
 * @param {string} out
 * @returns {Record<string, number>} bytes of every file in it
 */
export function stage(out) {
  fs.rmSync(out, { recursive: true, force: true });
  fs.cpSync(runtime, out, { recursive: true });
  return Object.fromEntries(fs.readdirSync(out).map((name) => [name, fs.statSync(path.join(out, name)).size]));
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [out] = process.argv.slice(2);
  if (!out) {
    console.error("usage: tiny-dancer-stage FOLDER");
    process.exit(2);
  }
  const bytes = Object.values(stage(out)).reduce((sum, size) => sum + size, 0);
  console.log(`${out}: ${(bytes / 1e6).toFixed(1)} MB`);
}

/** What a pack is made from. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";

export const ROOT = path.join(import.meta.dirname, "..");

/** Folder of the npm package. */
export const PYODIDE = path.dirname(createRequire(import.meta.url).resolve("pyodide/package.json"));

/** SHA-256 in hexadecimal. */
export const hash = (bytes) => createHash("sha256").update(bytes).digest("hex");

/**
 * The Python package's wheel; needs Python with hatchling.
 *
 * @returns {Uint8Array} the same bytes for the same sources
 */
export function buildWheel() {
  const venv = path.join(ROOT, ".venv", "bin", "python");
  const python = fs.existsSync(venv) ? venv : "python3";
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tiny-dancer-wheel-"));
  try {
    // Without a date of its own hatchling takes a fixed one.
    const { SOURCE_DATE_EPOCH: _, ...env } = process.env;
    execFileSync(python, ["-m", "hatchling", "build", "-t", "wheel", "-d", folder], {
      cwd: ROOT,
      env,
      stdio: "pipe", // a failure's message holds its output
    });
    const [name] = fs.readdirSync(folder);
    return new Uint8Array(fs.readFileSync(path.join(folder, name)));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

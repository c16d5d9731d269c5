/** Fills assets/ with the Python package's wheel and the kernel; needs Python with hatchling. */
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, "..", "..");
const venv = path.join(root, ".venv", "bin", "python");
const python = fs.existsSync(venv) ? venv : "python3";
const assets = path.join(here, "assets");

fs.rmSync(assets, { recursive: true, force: true });
fs.mkdirSync(assets);
// Without a date of its own hatchling takes a fixed one: the same sources give the same bytes.
const { SOURCE_DATE_EPOCH: _, ...env } = process.env;
execFileSync(python, ["-m", "hatchling", "build", "-t", "wheel", "-d", assets], {
  cwd: root,
  env,
  stdio: "pipe", // a failure's message holds what it printed
});
fs.copyFileSync(
  path.join(root, "py", "tiny_dancer", "data", "kernel.wasm"),
  path.join(assets, "kernel.wasm"),
);

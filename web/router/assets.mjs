/** Fills assets/ from this repository's pack, which needs Python with hatchling. */
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";

const assets = path.join(import.meta.dirname, "assets");
const root = path.join(import.meta.dirname, "..", "..");
const pack = path.join(root, "build", "pack");

execFileSync(process.execPath, [path.join(root, "pack", "build.mjs"), pack], { stdio: "inherit" });
fs.rmSync(assets, { recursive: true, force: true });
fs.mkdirSync(path.join(assets, "pack"), { recursive: true });
for (const name of ["stdlib.zip", "tiny_dancer.zip", "kernel.wasm"]) {
  fs.copyFileSync(path.join(pack, name), path.join(assets, name));
}
for (const name of ["boot.mjs", "sparse.mjs"]) {
  fs.copyFileSync(path.join(root, "pack", name), path.join(assets, "pack", name));
}

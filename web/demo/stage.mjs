/** Builds the pack and lays out build/public: the run time's folder and the static files. */
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stage } from "tiny-dancer/stage";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "build", "public");
const router = path.join(here, "..", "router");

execFileSync(process.execPath, [path.join(router, "assets.mjs")], { stdio: "inherit" });
fs.rmSync(out, { recursive: true, force: true });
fs.cpSync(path.join(here, "static"), out, { recursive: true });
const sizes = stage(path.join(out, "runtime"));
const total = Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
console.log(`runtime: ${Object.keys(sizes).length} files, ${(total / 1e6).toFixed(1)} MB`);

/**
 * Completes dist/ after tsc: the glue module as it was written (every host loads the same bytes), the
 * worker's Python file, and the library idb for the worker. Fails where the client is larger than README.md says.
 */
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const CLIENT = [
  "index.js",
  "candidate.js",
  "client.js",
  "config.js",
  "errors.js",
  "feedback.js",
  "response.js",
  "runtime.js",
  "storage.js",
];

for (const name of ["glue.mjs", "session.py"]) {
  fs.copyFileSync(path.join(here, "src", name), path.join(here, "dist", name));
}

const idb = path.dirname(createRequire(import.meta.url).resolve("idb"));
const license = fs.readFileSync(path.join(idb, "..", "LICENSE"), "utf8");
const library = fs.readFileSync(path.join(idb, "index.js"), "utf8");
fs.writeFileSync(path.join(here, "dist", "idb.js"), `/*\n${license.trim()}\n*/\n${library}`);

const said = /(\d+(?:\.\d+)?) KB gzipped/.exec(fs.readFileSync(path.join(here, "README.md"), "utf8"));
if (!said) throw new Error("README.md does not say the client's size as `N KB gzipped`");
const text = CLIENT.map((name) => fs.readFileSync(path.join(here, "dist", name))).join("\n");
const kilobytes = zlib.gzipSync(text, { level: 9 }).length / 1000;
console.log(`client: ${kilobytes.toFixed(2)} KB gzipped, README.md says ${said[1]}`);
if (kilobytes > Number(said[1])) process.exitCode = 1;

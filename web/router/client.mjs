/** Bundles the client into dist/index.js; fails where it is larger than README.md says. */
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { rolldown } from "rolldown";

const here = import.meta.dirname;
const bundler = await rolldown({ input: path.join(here, "src", "index.ts"), platform: "browser" });
const file = path.join(here, "dist", "index.js");
// As it stands but for comments, which are in the types: whoever minifies does it again.
await bundler.write({ file, format: "esm", comments: { jsdoc: false, annotation: true, legal: true } });
await bundler.close();

const stated = /(\d+(?:\.\d+)?) KB gzipped/.exec(fs.readFileSync(path.join(here, "README.md"), "utf8"));
if (!stated) throw new Error("README.md does not state the client's size as `N KB gzipped`");
const kilobytes = zlib.gzipSync(fs.readFileSync(file), { level: 9 }).length / 1000;
console.log(`client: ${kilobytes.toFixed(2)} KB gzipped, README.md says ${stated[1]}`);
if (kilobytes > Number(stated[1])) process.exitCode = 1;

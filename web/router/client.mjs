/**
 * Bundles into dist/ what is imported: index.js for pages, node.js for Node, workerd.js for workerd,
 * hybrid/ with the same three, and ai-sdk/, which takes a router of any.
 * Fails where a page's is larger than README.md says.
 */
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { createHash } from "node:crypto";
import { rolldown } from "rolldown";

const here = import.meta.dirname;
const worker = path.join(here, "runtime", "worker.js");
/** Without a run time only the types are of use. */
const sha256 = fs.existsSync(worker) ? createHash("sha256").update(fs.readFileSync(worker)).digest("base64") : "";
/** Node starts a thread where a page starts a worker. */
const THREAD = {
  name: "thread",
  resolveId: (id) => (id.endsWith("/spawn.js") ? path.join(here, "src", "node", "spawn.ts") : null),
};
/** workerd has neither, and its files are imported. */
const ISOLATE = {
  name: "isolate",
  resolveId: (id, importer) => {
    if (id === "./worker.js" && importer?.endsWith("spawn.ts")) return { id: "../runtime/workerd.js", external: true };
    return /\/(spawn|files|storage-kind)\.js$/.test(id) ? path.join(here, "src", "workerd", `${path.basename(id, ".js")}.ts`) : null;
  },
};

await bundle("index.js", "browser", []);
await bundle("node.js", "node", [THREAD]);
await bundle("workerd.js", "browser", [ISOLATE]);
await bundle("hybrid/index.js", "browser", [importClient("index.js")]);
await bundle("hybrid/node.js", "node", [importClient("node.js")]);
await bundle("hybrid/workerd.js", "browser", [importClient("workerd.js")]);
await bundle("ai-sdk/index.js", "neutral", []);

const readme = fs.readFileSync(path.join(here, "README.md"), "utf8");
checkSize("index.js", /client is (\d+(?:\.\d+)?) KB gzipped/.exec(readme));
checkSize("hybrid/index.js", /`tiny-dancer\/hybrid` is (\d+(?:\.\d+)?) KB gzipped/.exec(readme));

/** As it stands but for comments, which are in the types: whoever minifies does it again. */
async function bundle(name, platform, plugins) {
  const bundler = await rolldown({
    input: path.join(here, "src", path.dirname(name), "index.ts"),
    platform,
    plugins,
    transform: { define: { WORKER_SHA256: JSON.stringify(sha256) } },
  });
  const comments = { jsdoc: false, annotation: true, legal: true };
  await bundler.write({ file: path.join(here, "dist", name), format: "esm", comments });
  await bundler.close();
}

/** The client stays a module of its own, so that there is one of each of its classes. */
function importClient(name) {
  return {
    name: "client",
    resolveId: (id) => (id === "../index.js" ? { id: `../${name}`, external: true } : null),
  };
}

function checkSize(name, stated) {
  if (!stated) throw new Error(`README.md does not state the size of ${name} as \`N KB gzipped\``);
  const kilobytes = zlib.gzipSync(fs.readFileSync(path.join(here, "dist", name)), { level: 9 }).length / 1000;
  console.log(`${name}: ${kilobytes.toFixed(2)} KB gzipped, README.md says ${stated[1]}`);
  if (kilobytes > Number(stated[1])) process.exitCode = 1;
}

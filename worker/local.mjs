/**
 * The Worker on this machine: real workerd and a real local D1, by Miniflare.
 *
 * usage: node worker/local.mjs [--port N] [--folder FOLDER] [--entry FILE] [--d1 FOLDER] [--flag NAME]...
 *                                   [--config FILE] [--secret NAME=VALUE]...
 */
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "tiny-dancer-pack/sources.mjs";
import { Miniflare } from "./miniflare.mjs";

const settings = parseJsonc(fs.readFileSync(path.join(import.meta.dirname, "wrangler.jsonc"), "utf8"));

/**
 * @param {object} options
 * @param {string} options.folder as layout.mjs wrote it
 * @param {string} [options.entry] index.mjs or plain.mjs
 * @param {number} [options.port] 0 takes any free one
 * @param {string} [options.persist] folder of the D1 database; in memory without one
 * @param {string[]} [options.flags] further compatibility flags
 * @param {object} [options.config] settings of the gateway; those in wrangler.jsonc without any
 * @param {Record<string, string>} [options.secrets]
 */
export function createMiniflare({ port = 0, persist, ...worker }) {
  return new Miniflare({ port, ...(persist && { d1Persist: persist }), ...toOptions(worker) });
}

/** One Worker as Miniflare wants it: the options of `createMiniflare` but for port and persist. */
export function toOptions({ folder, entry = "index.mjs", flags = [], config, secrets }) {
  return {
    modules: listModules(folder, entry),
    modulesRoot: folder,
    compatibilityDate: settings.compatibility_date,
    compatibilityFlags: [...settings.compatibility_flags, ...flags],
    bindings: { CONFIG: config ?? settings.vars.CONFIG, ...secrets },
    d1Databases: { DB: "tiny-dancer" },
  };
}

/** The files of a folder as Miniflare wants them: the entry first. */
function listModules(folder, entry) {
  const names = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name));
  const main = path.join(folder, entry);
  return [main, ...files.filter((file) => file !== main).sort()].map((file) => ({ type: getType(file), path: file }));
}

/** JSON with comments on their own or at the end of a line. */
function parseJsonc(text) {
  return JSON.parse(text.replace(/^\s*\/\/.*$|(?<=[,{[\]}"])\s+\/\/.*$/gm, ""));
}

function getType(file) {
  if (file.endsWith(".mjs")) return "ESModule";
  return file.endsWith(".wasm") ? "CompiledWasm" : "Data";
}

/** Makes the tables, as `wrangler d1 migrations apply` does. */
export async function migrate(instance) {
  const database = await instance.getD1Database("DB");
  const made = await database.prepare("select 1 from sqlite_master where name = 'meta'").first();
  const row = made && (await database.prepare("select value from meta where name = 'schema'").first());
  const folder = path.join(import.meta.dirname, "migrations");
  for (const file of fs.readdirSync(folder).sort()) {
    if (Number.parseInt(file, 10) <= Number(row?.value ?? 0)) continue;
    const statements = fs.readFileSync(path.join(folder, file), "utf8").split(/;\n\n/);
    await database.batch(statements.filter((one) => one.trim()).map((one) => database.prepare(one)));
  }
}

if (process.argv[1] === import.meta.filename) {
  const build = path.join(ROOT, "build");
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8787" },
      folder: { type: "string", default: path.join(build, "worker") },
      entry: { type: "string" },
      d1: { type: "string", default: path.join(build, "d1") },
      flag: { type: "string", multiple: true },
      config: { type: "string" },
      secret: { type: "string", multiple: true, default: [] },
    },
  });
  const instance = createMiniflare({
    folder: path.resolve(values.folder),
    entry: values.entry,
    port: Number(values.port),
    persist: values.d1,
    flags: values.flag,
    config: values.config && parseJsonc(fs.readFileSync(values.config, "utf8")),
    secrets: Object.fromEntries(values.secret.map((pair) => pair.split(/=(.*)/s, 2))),
  });
  await migrate(instance);
  console.log(`The Worker is at ${await instance.ready} (Ctrl+C stops)`);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => void instance.dispose().then(() => process.exit()));
  }
}

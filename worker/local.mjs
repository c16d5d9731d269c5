/**
 * The Worker on this machine: real workerd and a real local D1, by Miniflare.
 *
 * usage: node worker/local.mjs [--port N]     (8787)
 */
import fs from "node:fs";
import path from "node:path";
import { Miniflare } from "miniflare";
import { ROOT } from "../pack/sources.mjs";

const DATE = "2026-07-01";

/**
 * @param {object} options
 * @param {string} options.folder as layout.mjs wrote it
 * @param {string} [options.entry] index.mjs or plain.mjs
 * @param {number} [options.port] 0 takes any free one
 * @param {string} [options.persist] folder of the D1 database; in memory without one
 * @param {object} [options.more] further options of Miniflare
 */
export function miniflare({ folder, entry = "index.mjs", port = 0, persist, more = {} }) {
  return new Miniflare({
    port,
    modules: modules(folder, entry),
    modulesRoot: folder,
    compatibilityDate: DATE,
    d1Databases: { DB: "tiny-dancer" },
    ...(persist && { d1Persist: persist }),
    ...more,
  });
}

/** The files of a folder as Miniflare wants them: the entry first. */
function modules(folder, entry) {
  const names = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name));
  const main = path.join(folder, entry);
  return [main, ...files.filter((file) => file !== main).sort()].map((file) => ({ type: typeOf(file), path: file }));
}

function typeOf(file) {
  if (file.endsWith(".mjs")) return "ESModule";
  return file.endsWith(".wasm") ? "CompiledWasm" : "Data";
}

/** Makes the tables, as `wrangler d1 migrations apply` does. */
export async function migrate(instance) {
  const database = await instance.getD1Database("DB");
  const sql = fs.readFileSync(path.join(import.meta.dirname, "migrations", "0001_history.sql"), "utf8");
  const known = await database.prepare("select 1 from sqlite_master where name = 'meta'").first();
  if (!known) await database.batch(sql.split(/;\n\n/).filter((one) => one.trim()).map((one) => database.prepare(one)));
}

if (process.argv[1] === import.meta.filename) {
  const [flag, number] = process.argv.slice(2);
  const folder = path.join(ROOT, "build", "worker");
  const instance = miniflare({ folder, port: flag === "--port" ? Number(number) : 8787, persist: path.join(ROOT, "build", "d1") });
  await migrate(instance);
  console.log(`The Worker is at ${await instance.ready} (Ctrl+C stops)`);
}

/** Starts Pyodide in Node as the page's worker does, for the tests and benches of this folder. */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { loadPyodide } from "pyodide";
import { createGlue } from "../../pack/glue.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const KERNEL = path.join(here, "../../py/tiny_dancer/data/kernel.wasm");

/** A file's bytes; Pyodide refuses Node's Buffer. */
export const read = (file) => new Uint8Array(fs.readFileSync(file));

/** Runs a script; a failure is its message, without the one long line of Pyodide's source. */
export async function main(script) {
  try {
    await script();
  } catch (error) {
    console.error(error?.message ?? error);
    process.exitCode = 1;
  }
}

/**
 * Pyodide with the wheel unpacked and the files of this folder's Python modules importable.
 *
 * @param {object} options
 * @param {string} options.wheel path of the package's wheel
 * @param {string} [options.model] path of a bundle, written to /tmp/model
 * @param {(module: WebAssembly.Module) => object} [options.glue] null: none is registered
 * @param {string} [options.kernel] path of the kernel that the glue opens
 */
export async function start({ wheel, model, glue = createGlue, kernel = KERNEL }) {
  const pyodide = await stock();
  if (glue) {
    const module = compileKernel(kernel);
    if (module) pyodide.registerJsModule("tiny_dancer_glue", glue(module));
  }
  const [site] = pyodide.runPython("import site; site.getsitepackages()").toJs();
  pyodide.unpackArchive(read(wheel), "wheel", { extractDir: site });
  if (model) pyodide.FS.writeFile("/tmp/model", read(model));
  return pyodide;
}

/** As the page's worker does: undefined where this engine lacks SIMD. */
function compileKernel(kernel) {
  try {
    return new WebAssembly.Module(read(kernel));
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return undefined;
    throw error;
  }
}

/** Pyodide as published, with the Python modules of this folder. */
export async function stock() {
  const pyodide = await loadPyodide({ stdout: (line) => console.error(line) });
  pyodide.FS.mkdirTree("/tests");
  for (const name of fs.readdirSync(here)) {
    if (!name.endsWith(".py")) continue;
    pyodide.FS.writeFile(`/tests/${name}`, read(path.join(here, name)));
  }
  pyodide.FS.writeFile("/tests/pools.py", read(path.join(here, "../pools.py")));
  pyodide.runPython("import sys; sys.path.append('/tests')");
  return pyodide;
}

/** Copies a folder of this machine into Pyodide's file system. */
export function copyIn(pyodide, from, to) {
  pyodide.FS.mkdirTree(to);
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    if (entry.isDirectory()) copyIn(pyodide, source, `${to}/${entry.name}`);
    else pyodide.FS.writeFile(`${to}/${entry.name}`, read(source));
  }
}

/** Options written as `--name value` or `--name`, and what else was given. */
export function options(args, flags = []) {
  const named = {};
  const rest = [];
  for (let i = 0; i < args.length; i++) {
    if (!args[i].startsWith("--")) rest.push(args[i]);
    else if (flags.includes(args[i])) named[args[i].slice(2)] = true;
    else named[args[i].slice(2)] = args[++i];
  }
  return { named, rest };
}

/** What Pyodide needs for the promises: the package's source and the promises, as [path, text]. */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

function* walk(folder, to) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const source = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(source, `${to}/${entry.name}`);
    else if (entry.name.endsWith(".py")) yield [`${to}/${entry.name}`, fs.readFileSync(source, "utf8")];
  }
}

export function* parts() {
  yield* walk(path.join(here, "../../py/tiny_dancer"), "/src/tiny_dancer");
  yield* walk(here, "/src/stores");
}

/** Writes them into a running Pyodide, where they can be imported. */
export function install(pyodide) {
  for (const [name, text] of parts()) {
    pyodide.FS.mkdirTree(path.posix.dirname(name));
    pyodide.FS.writeFile(name, text);
  }
  pyodide.runPython("import sys; sys.path.insert(0, '/src')");
}

/**
 * Compiles the package and the part of the standard library that it needs: compile.py does the work,
 * in Pyodide.
 *
 * usage: node compile.mjs WHEEL FOLDER     writes stdlib.zip and tiny_dancer.zip, prints a line
 */
import fs from "node:fs";
import path from "node:path";
import { loadPyodide } from "pyodide";
import { PYODIDE } from "./sources.mjs";

const [wheel, out] = process.argv.slice(2);
const read = (...names) => fs.readFileSync(path.join(import.meta.dirname, ...names), "utf8");
const keep = read("keep.txt").split("\n").filter((line) => line && !line.startsWith("#"));

const pyodide = await loadPyodide({ env: { PYTHONHASHSEED: "0" } });
pyodide.FS.writeFile("library.zip", fs.readFileSync(path.join(PYODIDE, "python_stdlib.zip")));
pyodide.FS.writeFile("package.whl", fs.readFileSync(wheel));
pyodide.runPython("import sys; sys.path.append('package.whl')");
const build = pyodide.runPython(`${read("compile.py")}\nbuild`);
console.log(build("library.zip", "package.whl", pyodide.toPy(keep)));
for (const name of ["stdlib.zip", "tiny_dancer.zip"]) {
  fs.writeFileSync(path.join(out, name), pyodide.FS.readFile(name));
}
process.exit(); // Pyodide keeps Node alive

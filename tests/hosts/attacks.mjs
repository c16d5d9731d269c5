/**
 * Reads every file of a folder inside Pyodide; JSON: what each was refused with, "" where it was not.
 *
 * usage: node tests/hosts/attacks.mjs WHEEL FOLDER
 */
import { copyIn, main, start } from "./pyodide_node.mjs";

const READ = `
import json, os
from tiny_dancer import BundleError
from tiny_dancer.model import read_bundle

found = {}
for name in os.listdir("/attacks"):
    try:
        read_bundle(f"/attacks/{name}")
        found[name] = ""
    except BundleError as error:
        found[name] = str(error)
json.dumps(found)
`;

const [wheel, folder] = process.argv.slice(2);
await main(async () => {
  const pyodide = await start({ wheel });
  copyIn(pyodide, folder, "/attacks");
  console.log(pyodide.runPython(READ));
});

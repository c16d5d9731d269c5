/**
 * Reads the tables of a folder inside Pyodide in Node and prints what was read as one line of JSON.
 *
 * usage: node tests/hosts/reading.mjs WHEEL FOLDER
 */
import { copyIn, main, start } from "./pyodide_node.mjs";

const [wheel, folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node reading.mjs WHEEL FOLDER");
  process.exit(2);
}
await main(async () => {
  const pyodide = await start({ wheel });
  copyIn(pyodide, folder, "/odd");
  console.log(pyodide.pyimport("reading").main("/odd"));
});

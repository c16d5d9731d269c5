/**
 * A Worker for tests only: Python from the image, as in index.mjs, and the promises of tests/stores.
 * POST /MODULE?ARGUMENT awaits stores.MODULE.main(env.DB, ARGUMENT), all within this one request.
 */
import { start } from "./start.mjs"; // first, as in index.mjs
import { reseed } from "./boot/boot.mjs";
import meta from "./pack/meta.mjs";
import heap from "./pack/heap.bin";
import stores from "./stores.zip.bin";

const PLACE = "/lib/stores.zip";
const pyodide = await start({ meta, heap: new Uint8Array(heap) });
let requests = 0;

export default {
  async fetch(request, env) {
    if (requests++ === 0) prepare();
    const { pathname, search } = new URL(request.url);
    const main = pyodide.pyimport(`stores.${pathname.slice(1)}`).main;
    const said = JSON.parse(await main(env.DB, decodeURIComponent(search.slice(1))));
    return Response.json({ ...said, requests });
  },
};

function prepare() {
  reseed(pyodide);
  pyodide.FS.writeFile(PLACE, new Uint8Array(stores));
  pyodide.runPython(`import sys; sys.path.append("${PLACE}")`);
}

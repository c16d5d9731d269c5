/** The Worker: Python from its memory image while the module is evaluated; plainly where that fails. */
import { start } from "./start.mjs";
import { serve } from "./serve.mjs";
import { reseed } from "./boot/boot.mjs";
import meta from "./pack/meta.mjs";
import heap from "./pack/heap.bin";

let refusal;
let how = "image";
let seeded = false;
let started = await start({ meta, heap: new Uint8Array(heap) }).catch((error) => {
  refusal = error;
});

/** Python, seeded. A start settles in microtasks, so requests may share its promise. */
async function ready() {
  if (refusal) {
    console.warn(`image refused, Python starts plainly: ${refusal.message}`);
    refusal = undefined;
    how = "plain";
    seeded = true; // it draws entropy by itself
    started = start();
  }
  const { pyodide, entry } = await started;
  if (!seeded) reseed(pyodide); // the first moment at which entropy may be asked for
  seeded = true;
  return entry;
}

export default {
  async fetch(request, _env, context) {
    return serve(await ready(), request, context, how);
  },
};

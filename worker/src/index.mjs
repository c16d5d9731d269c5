/** The Worker: Python from its memory image while the module is evaluated; plainly where that fails. */
import { start } from "./start.mjs";
import { serve } from "./serve.mjs";
import { reseed } from "./boot/boot.mjs";
import meta from "./pack/meta.mjs";
import heap from "./pack/heap.bin";

let refusal;
let seeded = false;
let started = await start({ meta, heap: new Uint8Array(heap) }).catch((error) => {
  refusal = error;
});

/** Settles in microtasks, so requests may share it. */
async function ready() {
  if (refusal) {
    console.warn(`image refused, Python starts plainly: ${refusal.message}`);
    refusal = undefined;
    started = start();
    seeded = true; // it draws entropy itself
  }
  const { pyodide, entry } = await started;
  if (!seeded) reseed(pyodide);
  seeded = true;
  return entry;
}

export default {
  async fetch(request, _env, context) {
    return serve(await ready(), request, context);
  },
};

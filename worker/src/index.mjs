/** The Worker: Python from its memory image while the module is evaluated; plainly where that fails. */
import { open, start } from "./start.mjs";
import { serve } from "./serve.mjs";
import { reseed } from "./boot/boot.mjs";
import meta from "./pack/meta.mjs";
import heap from "./pack/heap.bin";

let refusal;
let plain;
let seeded = false;
const pyodide = await start({ meta, heap: new Uint8Array(heap) }).catch((error) => {
  refusal = error;
});
const entry = pyodide && open(pyodide); // bad settings fail here, and so does their deployment

/** The entry of a plain start. It settles in microtasks, so requests may share the promise. */
function started() {
  console.warn(`image refused, Python starts plainly: ${refusal.message}`);
  return start().then(open);
}

export default {
  async fetch(request, _env, context) {
    if (!entry) return serve(await (plain ??= started()), request, context, "plain");
    if (!seeded) reseed(pyodide); // the first moment at which entropy may be asked for
    seeded = true;
    return serve(entry, request, context, "image");
  },
};

/** The Worker without a memory image: for comparison, and for those who want no private interface. */
import { open, start } from "./start.mjs";
import { serve } from "./serve.mjs";

let started;

export default {
  async fetch(request, _env, context) {
    return serve(await (started ??= start().then(open)), request, context, "plain");
  },
};

/** The Worker without a memory image: for comparison, and for those who want no private interface. */
import { start } from "./start.mjs";
import { serve } from "./serve.mjs";

let started;

export default {
  async fetch(request, _env, context) {
    const { entry } = await (started ??= start());
    return serve(entry, request, context, "plain");
  },
};

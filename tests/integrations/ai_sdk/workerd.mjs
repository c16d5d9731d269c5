/** In workerd: what tests/integrations/isolate.py lays out; tells what it got to whoever asks. */
import * as sdk from "ai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { z } from "zod";
import { Router } from "../../../web/router/dist/workerd.js";
import * as ours from "../../../web/router/dist/ai-sdk/index.js";
import { ask } from "./ask.mjs";

let router;

export default {
  async fetch(request) {
    const { small, big } = await request.json();
    const loaded = await (router ??= Router.load());
    return Response.json(await ask({ ...sdk, createOpenAICompatible, z }, ours, loaded, small, big));
  },
};

/** In a tab: what tests/integrations/tab.py serves, bundled; sends what was got to /told. */
import * as sdk from "ai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { z } from "zod";
import { Router } from "../../../web/router/dist/index.js";
import * as ours from "../../../web/router/dist/ai-sdk/index.js";
import { ask } from "./ask.mjs";

let told;
try {
  const router = await Router.load({ base: "/runtime/" });
  const [small, big] = ["small", "big"].map((name) => new URL(`/${name}/v1`, import.meta.url).href);
  told = JSON.stringify(await ask({ ...sdk, createOpenAICompatible, z }, ours, router, small, big));
} catch (error) {
  told = String(error?.stack ?? error);
}
await fetch("/told", { method: "POST", body: told });

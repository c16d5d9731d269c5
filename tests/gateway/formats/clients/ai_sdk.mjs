/** The AI SDK as a client of a gateway: node ai_sdk.mjs URL KEY MODEL; prints JSON. */
import { readFileSync } from "node:fs";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, isStepCount, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const [url, apiKey, model] = process.argv.slice(2);
const versionOf = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;
const until = (stepCountIs ?? isStepCount)(3);
let seen = [];
const weather = tool({
  description: "Tell the weather.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => (seen.push(city), "sunny"),
});
const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey });
const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey });
const thinking = { anthropic: { thinking: { type: "enabled", budgetTokens: 2000 } } };
const unstored = { openai: { store: false } };
const prompt = "What is the capital of France?";

const CLIENTS = {
  "@ai-sdk/openai|responses (its default)": [openai(model), {}],
  "@ai-sdk/openai|responses, store: false": [openai(model), { providerOptions: unstored }],
  "@ai-sdk/openai|chat": [openai.chat(model), {}],
  "@ai-sdk/anthropic|messages": [anthropic(model), {}],
  "@ai-sdk/anthropic|messages, thinking": [anthropic(model), { providerOptions: thinking }],
};

const rows = [];
for (const [name, [languageModel, more]] of Object.entries(CLIENTS)) {
  const [client, did] = name.split("|");
  for (const how of ["whole", "streamed", "typed output"]) {
    seen = [];
    let got;
    try {
      if (how === "typed output") {
        const output = Output.object({ schema: z.object({ name: z.string() }) });
        got = `“${(await generateText({ model: languageModel, prompt, output })).output.name}”`;
      } else {
        const ask = { model: languageModel, prompt, tools: { weather }, stopWhen: until, maxRetries: 0, ...more };
        const errors = [];
        const result =
          how === "whole" ? await generateText(ask) : streamText({ ...ask, onError: ({ error }) => errors.push(error) });
        if (how === "streamed") for await (const _ of result.textStream);
        if (errors.length) throw errors[0];
        got = `“${await result.text}”, tool called for ${seen.join(" and ")}`;
        const steps = await result.steps;
        if (steps[0].reasoningText) got += `, thought “${steps[0].reasoningText}”`;
      }
    } catch (error) {
      got = `${error.name}: ${String(error.message).slice(0, 300)}`;
    }
    rows.push({ client: `ai ${versionOf("ai")}, ${client} ${versionOf(client)}`, did: `${did}, ${how}`, got });
  }
}
console.log(JSON.stringify(rows));

/** AI SDK 7 asks for decisions: node decide.mjs URL KEY, from a folder with its packages; prints JSON. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { experimental_decide: decide } = await load("ai");
const { createOpenAI } = await load("@ai-sdk/openai");
const { createTypeSafeAi } = await load("@ai-sdk/typesafe-ai");

const [url, apiKey] = process.argv.slice(2);
const options = { baseURL: `${url}/v1`, apiKey };
const models = {
  openai: createOpenAI(options).decisionModel("auto"),
  systemOne: createTypeSafeAi(options).evaluationModel("auto"),
};
const choice = (...labels) => ({
  type: "choice",
  instructions: "Which model?",
  criteria: Object.fromEntries(labels.map((label) => [label, null])),
});
const questions = {
  model: choice("light", "powerful"),
  tier: choice("cheap", "dear"),
  enough: { type: "boolean", instructions: "Is the small model enough?" },
};
const states = {
  easy: "What is the capital of France?",
  hard: [{ type: "text", text: "Prove that every bounded sequence has a convergent subsequence." }],
};

const told = {};
for (const [name, model] of Object.entries(models)) {
  told[name] = {};
  for (const [kind, state] of Object.entries(states)) {
    const { answers, usage } = await decide({ model, state, questions });
    told[name][kind] = [answers.model.choice, answers.tier.choice, answers.enough.probability > 0.5, usage.totalTokens];
  }
  const refused = { urgent: { type: "boolean", instructions: "Is it urgent?" } };
  told[name].refused = await decide({ model, state: states.easy, questions: refused, maxRetries: 0 }).catch(
    (error) => error.name,
  );
}
console.log(JSON.stringify(told));

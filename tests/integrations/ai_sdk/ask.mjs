/**
 * AI SDK 7 asks ours, in whatever host: `ask(sdk, ours, router, small, big)` gives what it got.
 *
 * `sdk` has the packages, `ours` what tiny-dancer/ai-sdk exports, `small` and `big` are addresses.
 */
const EASY = "What is the capital of France?";
const HARD = "Prove that every bounded sequence has a convergent subsequence.";
const PRICES = { light: { tokensIn: 1, tokensOut: 2 }, powerful: { tokensIn: 10, tokensOut: 20 } };

export async function ask(sdk, ours, router, small, big) {
  const of = (name, baseURL) =>
    sdk.createOpenAICompatible({ name, baseURL, includeUsage: true, supportsStructuredOutputs: true })(name);
  const light = of("small", small);
  const powerful = of("big", big);
  const model = ours.routed({ router, light, powerful, prices: PRICES });
  return {
    ...(await generate(sdk, model)),
    ...(await stream(sdk, model)),
    ...(await refuse(sdk, ours, router, light)),
    ...(await decide(sdk, ours, router)),
  };
}

/** The quickstarts of generateText, tools and structured output. */
async function generate({ generateText, tool, Output, stepCountIs, z }, model) {
  const told = { texts: [], files: null };
  for (const prompt of [EASY, HARD]) {
    const { text, usage, warnings, finishReason, providerMetadata } = await generateText({ model, prompt, topK: 3 });
    const { decision, ...rest } = providerMetadata.tinyDancer;
    const warned = warnings.map(({ feature }) => feature);
    told.texts.push({ text, tokens: usage.totalTokens, warned, finishReason, reason: decision.reason, ...rest });
  }
  const weather = tool({
    description: "Get the weather in a location",
    inputSchema: z.object({ location: z.string() }),
    execute: ({ location }) => `sunny in ${location}`,
  });
  const tooled = await generateText({ model, prompt: HARD, tools: { weather }, stopWhen: stepCountIs(3) });
  told.tools = [tooled.text, tooled.steps.length, tooled.steps[0].toolResults[0].output];
  const shape = Output.object({ schema: z.object({ name: z.string(), age: z.number() }) });
  told.structured = (await generateText({ model, prompt: EASY, output: shape })).output;
  const image = { type: "file", mediaType: "image/png", data: new Uint8Array([137, 80, 78, 71]) };
  const content = [{ type: "text", text: EASY }, image];
  const seen = await generateText({ model, messages: [{ role: "user", content }] });
  told.files = [seen.text, seen.providerMetadata.tinyDancer.decision.reason];
  const shot = { type: "file", mediaType: "image/png", data: { type: "data", data: "iVBORw==" } };
  const output = { type: "content", value: [shot] };
  const call = { toolCallId: "1", toolName: "look" };
  told.earlier = [];
  for (const messages of [
    [
      { role: "user", content: EASY },
      { role: "assistant", content: [{ type: "tool-call", ...call, input: {} }] },
      { role: "tool", content: [{ type: "tool-result", ...call, output }] },
    ],
    [
      { role: "user", content: "Draw it." },
      { role: "assistant", content: [image] },
      { role: "user", content: EASY },
    ],
  ]) {
    const found = await generateText({ model, messages });
    told.earlier.push([found.text, found.providerMetadata.tinyDancer.decision.reason]);
  }
  const turns = [EASY, HARD].map((text) => ({ role: "user", content: text }));
  turns.splice(1, 0, { role: "assistant", content: "Paris." });
  told.lastTurn = (await generateText({ model, messages: turns })).text;
  return told;
}

async function stream({ streamText }, model) {
  const words = [];
  const streamed = streamText({ model, prompt: HARD });
  for await (const word of streamed.textStream) words.push(word);
  const { tinyDancer } = await streamed.providerMetadata;
  const stop = new AbortController();
  const heard = [];
  const hung = streamText({
    model,
    prompt: `${HARD} Slowly.`,
    abortSignal: stop.signal,
    headers: { "x-hang": "1" },
    onError: () => undefined,
  });
  for await (const part of hung.fullStream) {
    heard.push(part.type);
    if (part.type === "text-delta") stop.abort();
  }
  return { streamed: { words, servedBy: tinyDancer.servedBy, cost: tinyDancer.cost }, aborted: heard.at(-1) };
}

async function refuse({ generateText }, { routed }, router, light) {
  const stop = AbortSignal.abort(new Error("before"));
  const model = routed({ router, light, powerful: light });
  const before = await generateText({ model, prompt: EASY, abortSignal: stop }).catch((error) => error.message);
  const wrong = [{ router, light: "openai/small" }, { light }].map((options) => {
    try {
      return routed({ ...options, powerful: light });
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  });
  return { before, wrong };
}

async function decide({ experimental_decide }, { decisions }, router) {
  const questions = { tier: { labels: { cheap: "light", dear: "powerful" } }, enough: { predicate: "light" } };
  const model = decisions(router, { questions });
  const choice = (...labels) => ({
    type: "choice",
    instructions: "Which?",
    criteria: Object.fromEntries(labels.map((label) => [label, null])),
  });
  const asked = {
    model: choice("light", "powerful"),
    tier: choice("cheap", "dear"),
    enough: { type: "boolean", instructions: "Is the small model enough?" },
  };
  const told = { decided: {} };
  for (const [name, state] of Object.entries({ easy: EASY, hard: [{ type: "text", text: HARD }] })) {
    const { answers, providerMetadata } = await experimental_decide({ model, state, questions: asked });
    const sum = Object.values(answers.model.probabilities).reduce((a, b) => a + b, 0);
    const best = Object.entries(answers.model.probabilities).sort((a, b) => b[1] - a[1])[0][0];
    const { reason } = providerMetadata.tinyDancer;
    told.decided[name] = [answers.model.choice, answers.tier.choice, answers.enough.probability > 0.5, best, sum, reason];
  }
  const unknown = { urgent: { type: "boolean", instructions: "Is it urgent?" } };
  const scored = { anger: { type: "score", instructions: "How angry?", criteria: ["calm", "angry"] } };
  for (const [name, question] of Object.entries({ unknown, scored })) {
    told[name] = await experimental_decide({ model, state: EASY, questions: question, maxRetries: 0 }).catch(
      (error) => error.name,
    );
  }
  return told;
}

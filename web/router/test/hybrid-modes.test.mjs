import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswererError, Hybrid, NotAvailableError, openAI } from "../build/hybrid/index.js";
import { makeLight, makeRouter } from "./hybrid/parties.mjs";
import { startUpstream } from "./hybrid/upstream.mjs";

async function load(t, options = {}) {
  const upstream = await startUpstream(t);
  const light = options.light ?? makeLight();
  const router = options.router ?? makeRouter();
  const powerful = openAI({ baseURL: upstream.baseURL, model: "large", onDevice: false });
  const ai = await Hybrid.load({ powerful, ...options, light, router });
  return { ai, upstream, light, router };
}

/** For the time of a test the browser knows of no network. */
function goOffline(t) {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { onLine: false }, configurable: true });
  t.after(() => (before ? Object.defineProperty(globalThis, "navigator", before) : delete globalThis.navigator));
}

test("by difficulty, the router's decision says who answers", async (t) => {
  const { ai, upstream, light } = await load(t);
  const easy = await ai.ask("easy: one and one");
  assert.equal(easy.text, "from here");
  assert.deepEqual([easy.servedBy, easy.answerer, easy.fallback], ["light", "on-device", null]);
  const hard = await ai.ask("hard: a proof");
  assert.equal(hard.text, "from the cloud");
  assert.deepEqual([hard.servedBy, hard.answerer, hard.decision.model], ["powerful", "large", "powerful"]);
  assert.deepEqual([upstream.bodies.length, light.asked.length], [1, 1]);
  assert.deepEqual(upstream.bodies[0].messages, [{ role: "user", content: "hard: a proof" }]);
});

test("a short turn is decided on behind the one before it, in scripts without spaces too", async (t) => {
  const { ai } = await load(t);
  const say = async (content) => {
    const messages = [{ role: "user", content: "easy: sort a list" }, { role: "user", content }];
    return (await ai.ask({ messages })).servedBy;
  };
  assert.equal(await say("and in Rust?"), "light");
  assert.equal(await say("那用Rust呢?"), "light");
  assert.equal(await say("now prove that it always comes to an end"), "powerful");
  assert.equal(await say("请写一份完整的架构设计文档并且逐条证明其正确性"), "powerful");
});

for (const [mode, prompt, servedBy] of [
  ["prefer-on-device", "hard", "light"],
  ["only-on-device", "hard", "light"],
  ["prefer-in-cloud", "easy", "powerful"],
  ["only-in-cloud", "easy", "powerful"],
]) {
  test(`mode ${mode} overrules the decision`, async (t) => {
    const { ai, upstream } = await load(t, { mode });
    const answer = await ai.ask(prompt);
    assert.equal(answer.servedBy, servedBy);
    assert.equal(answer.decision.useLightweight, prompt === "easy");
    assert.equal(upstream.bodies.length, servedBy === "powerful" ? 1 : 0);
  });
}

test("while the light answerer is downloaded the cloud answers, and says why", async (t) => {
  const { ai, light } = await load(t, { light: makeLight({ state: "downloading" }) });
  const during = await ai.ask("easy");
  assert.deepEqual([during.servedBy, during.fallback], ["powerful", "downloading"]);
  light.state = "downloadable";
  assert.equal((await ai.ask("easy")).fallback, "downloadable");
  const seen = [];
  await ai.prepare({ onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(seen, [{ loaded: 1, total: 1 }]);
  const after = await ai.ask("easy");
  assert.deepEqual([after.servedBy, after.fallback], ["light", null]);
});

test("offline the light answerer answers what is hard, with a flag that says so", async (t) => {
  const { ai, upstream } = await load(t);
  goOffline(t);
  const answer = await ai.ask("hard");
  assert.deepEqual([answer.servedBy, answer.offline, answer.fallback], ["light", true, "offline"]);
  assert.equal(upstream.bodies.length, 0);
});

test("only-in-cloud offline and only-on-device without a model are not available", async (t) => {
  const here = await load(t, { mode: "only-on-device", light: makeLight({ state: "downloadable" }) });
  await assert.rejects(here.ai.ask("easy"), (error) => {
    return error instanceof NotAvailableError && /on-device.*prepare\(\)/.test(error.message);
  });
  assert.equal(here.upstream.bodies.length, 0);
  const { ai } = await load(t, { mode: "only-in-cloud" });
  goOffline(t);
  await assert.rejects(ai.ask("easy"), NotAvailableError);
});

test("where nobody answers, the error holds the cause of each", async (t) => {
  const { ai, upstream } = await load(t, { light: makeLight({ answer: () => Promise.reject(new Error("GPU lost")) }) });
  upstream.answer = { status: 503, error: "overloaded" };
  const error = await ai.ask("easy").catch((error) => error);
  assert.ok(error instanceof AnswererError);
  assert.deepEqual(error.causes.map(({ message }) => message), ["GPU lost", "large: 503 overloaded"]);
  assert.equal(error.causes[1].status, 503);
});

test("a conversation that was hard is not handed to the light answerer", async (t) => {
  const { ai } = await load(t);
  const messages = [
    { role: "user", content: "hard: a proof of the theorem" },
    { role: "assistant", content: "..." },
    { role: "user", content: "easy: and how many steps does this proof have" },
  ];
  const { servedBy, decision } = await ai.ask({ messages });
  assert.deepEqual([servedBy, decision.reason, decision.model], ["powerful", "sticky", "powerful"]);
  assert.equal((await ai.ask({ messages: messages.slice(2) })).servedBy, "light");
});

test("what the light answerer does not take goes to the powerful one", async (t) => {
  const { ai, upstream } = await load(t);
  const tools = [{ type: "function", function: { name: "search", parameters: { type: "object" } } }];
  const messages = [{ role: "user", content: "easy" }];
  upstream.answer = {
    text: null,
    finish: "tool_calls",
    calls: [{ id: "c1", type: "function", function: { name: "search", arguments: "{}" } }],
  };
  const { servedBy, fallback, toolCalls } = await ai.ask({ messages, tools });
  assert.deepEqual([servedBy, fallback, toolCalls[0].function.name], ["powerful", "capability", "search"]);
  assert.deepEqual(upstream.bodies[0].tools, tools);
  const image = [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }];
  upstream.answer = {};
  assert.equal((await ai.ask({ messages: [{ role: "user", content: image }] })).servedBy, "powerful");
});

test("tool calls and results of earlier turns are text to an answerer that takes no tools", async (t) => {
  const { ai, light } = await load(t);
  const call = { id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } };
  await ai.ask({
    messages: [
      { role: "user", content: "easy" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "c1", content: "4 degrees" },
    ],
  });
  assert.deepEqual(light.asked[0].messages.slice(1), [
    { role: "assistant", content: 'Call of weather: {"city":"Oslo"}' },
    { role: "user", content: "Result of weather:\n4 degrees" },
  ]);
});

test("malformed options and requests are refused by name", async (t) => {
  const { ai, light } = await load(t);
  const powerful = openAI({ baseURL: "http://127.0.0.1:1", model: "large" });
  for (const [options, message] of [
    [{ light, powerful, mode: "prefer-cloud" }, /^mode: one of by-difficulty/],
    [{ light: {}, powerful }, /^light: an answerer is needed.*availability is missing/],
    [{ light, powerful, staysHere: ["secret"] }, /^staysHere\[0\]: a regular expression is needed/],
    [{ light, powerful, router: makeRouter(), base: "/x" }, /^base: goes to Router.load/],
  ]) {
    await assert.rejects(Hybrid.load(options), { name: "InvalidInputError", message });
  }
  for (const [request, message] of [
    [{ messages: [] }, /^messages: an array of at least one/],
    [{ messages: [{ role: "robot" }] }, /^messages\[0\]: role/],
    [{ messages: [{ role: "user" }], temperature: 1 }, /^temperature: no such field/],
    [7, /^request: a string or/],
  ]) {
    await assert.rejects(ai.ask(request), { name: "InvalidInputError", message });
  }
});

test("close ends what is under way, and leaves a router that was given", async (t) => {
  const { ai, upstream, router } = await load(t);
  upstream.answer = { hang: true };
  const open = ai.ask("hard").catch(({ name }) => name);
  while (upstream.bodies.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await ai.close();
  assert.equal(await open, "ClosedError");
  assert.equal(await ai.ask("easy").catch(({ name }) => name), "ClosedError");
  assert.equal(router.isClosed, undefined);
});

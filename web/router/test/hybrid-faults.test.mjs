import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswererError, Hybrid, openAI } from "../build/hybrid/index.js";
import { findFault } from "../build/hybrid/verification.js";
import { makeLight, makeRouter } from "./hybrid/parties.mjs";
import { startUpstream } from "./hybrid/upstream.mjs";

const unhandled = [];
process.on("unhandledRejection", (error) => unhandled.push(error));

async function load(t, options = {}) {
  const upstream = await startUpstream(t);
  const light = options.light ?? makeLight();
  const router = options.router ?? makeRouter();
  const powerful = openAI({ baseURL: upstream.baseURL, model: "large", onDevice: false, ...options.cloud });
  const { cloud: _, ...others } = options;
  return { ai: await Hybrid.load({ powerful, ...others, light, router }), upstream, light, router };
}

const schema = {
  type: "object",
  properties: { n: { type: "integer", minimum: 1 }, tags: { type: "array", items: { $ref: "#/$defs/tag" } } },
  required: ["n"],
  additionalProperties: false,
  $defs: { tag: { enum: ["a", "b"] } },
};
const JSON_FAULTS = ["no JSON", "```json\n{\"n\":1}\n```", '{"n":1', "{}", '{"n":0}', '{"n":1.5}', '{"n":1,"more":2}', '{"n":1,"tags":["c"]}', "[1]"];

for (const [fault, answer] of [
  ["empty", { text: "" }],
  ["empty", { text: " \n" }],
  ["refused", { text: "I'm sorry, but I can't help with that." }],
  ["refused", { text: "As an AI language model, I cannot provide that information." }],
  ["refused", { text: "Unfortunately, I'm unable to assist with this request." }],
  ["refused", { text: "ok", finishReason: "content_filter" }],
  ["cut_off", { text: "The first part of", finishReason: "length" }],
  ...JSON_FAULTS.map((text) => ["invalid_json", { text }]),
]) {
  test(`a light answer that is ${fault} is asked of the cloud: ${JSON.stringify(answer)}`, async (t) => {
    const { ai, upstream, router } = await load(t, { light: makeLight({ answer: async () => answer }) });
    upstream.answer = { text: '{"n":1,"tags":["a"]}' };
    const request = { messages: [{ role: "user", content: "easy" }], ...(fault === "invalid_json" && { schema }) };
    const { servedBy, fallback, text } = await ai.ask(request);
    assert.deepEqual([servedBy, fallback, text], ["powerful", fault, '{"n":1,"tags":["a"]}']);
    assert.deepEqual(router.reports.map(([side, { ok }]) => [side, ok]), [["light", true], ["powerful", true]], "its model is healthy");
  });
}

test("an answer that speaks of not being able to do something is no refusal", () => {
  for (const text of [
    "I cannot is the first person of the verb.",
    "Sorry is what you say when you step on a foot.",
    "The bank can't help with that; ask the post office.",
    "Je ne peux pas",
    `I'm sorry, but I can't help with that. ${"But here is what I know. ".repeat(30)}`,
  ]) {
    assert.equal(findFault({ text }, undefined), null, text);
  }
});

const OVERLOADED = { status: 503, error: "overloaded" };
for (const [name, fault, report] of [
  ["500", { status: 500, error: "x" }, { ok: false, status: 500 }],
  ["529", { status: 529, error: "x" }, { ok: false, status: 529 }],
  ["429", { status: 429, error: "x", head: { "retry-after": "7" } }, { ok: false, status: 429, retryAfter: 7 }],
  ["408", { status: 408, error: "x" }, { ok: false, status: 408 }],
  ["401", { status: 401, error: "no key" }, { ok: false }],
  ["404", { status: 404, error: "model not found" }, { ok: false }],
  ["no JSON", { raw: "<html>" }, { ok: false }],
  ["no completion", { raw: '{"id":1}' }, { ok: false }],
  ["an error with 200", { error: "boom" }, { ok: false }],
  ["no response", { hang: true }, { ok: false }],
  ["a context too short", { status: 400, error: "maximum context length is 10" }, null],
  ["too large", { status: 413, error: "x" }, null],
]) {
  test(`where the cloud gives ${name}, the light one answers; the breaker hears ${report ? "of it" : "nothing"}`, async (t) => {
    const { ai, upstream, router } = await load(t, { cloud: fault.hang ? { timeoutMs: 100 } : {} });
    upstream.answer = fault;
    const { servedBy, fallback, text } = await ai.ask("hard");
    assert.deepEqual([servedBy, fallback, text], ["light", report ? "failed" : "capability", "from here"]);
    const [first] = router.reports.filter(([side]) => side === "powerful").map(([, { latencyMs: _, ...facts }]) => facts);
    assert.deepEqual(first ?? null, report);
  });
}

test("a request that is the caller's fault is handed to nobody else", async (t) => {
  const { ai, upstream, router, light } = await load(t);
  upstream.answer = { status: 422, error: "temperature out of range" };
  const error = await ai.ask("hard").catch((error) => error);
  assert.ok(error instanceof AnswererError);
  assert.equal(error.causes[0].status, 422);
  assert.deepEqual([light.asked, router.reports], [[], []]);
});

test("an upstream that cannot be reached is a fault like another", async (t) => {
  const { ai } = await load(t, { cloud: { baseURL: "http://127.0.0.1:9/v1" } });
  assert.equal((await ai.ask("hard")).fallback, "failed");
});

test("streams are handed on part by part, before the answerer has ended", async (t) => {
  const { ai, upstream } = await load(t);
  let open;
  upstream.answer = { gate: new Promise((resolve) => (open = resolve)) };
  const stream = ai.stream("hard");
  assert.equal((await stream.next()).value, "from "); // the others wait for the gate
  open();
  assert.equal((await stream.next()).value, "the ");
  assert.equal((await stream.next()).value, "cloud");
  assert.equal((await stream.next()).done, true);
  const { text, servedBy, usage, finishReason } = await stream.result;
  assert.deepEqual([text, servedBy, usage, finishReason], ["from the cloud", "powerful", { tokensIn: 10, tokensOut: 20 }, "stop"]);
});

test("a stream's tool calls are put together from their parts", async (t) => {
  const { ai, upstream } = await load(t);
  const calls = [
    { index: 0, id: "c1", function: { name: "pay", arguments: '{"a":' } },
    { index: 0, function: { arguments: "1}" } },
  ];
  upstream.answer = { parts: [], calls, finish: "tool_calls" };
  const { toolCalls } = await ai.stream("hard").result;
  assert.deepEqual(toolCalls, [{ id: "c1", type: "function", function: { name: "pay", arguments: '{"a":1}' } }]);
});

test("a stream falls back before its first part, and not after it", async (t) => {
  const { ai, upstream, router } = await load(t);
  upstream.answer = OVERLOADED;
  assert.deepEqual([(await ai.stream("hard").result).servedBy], ["light"]);
  upstream.answer = { parts: [], finish: "stop" };
  assert.deepEqual([(await ai.stream("hard").result).fallback], ["empty"]);
  upstream.answer = { cut: true };
  router.reports.length = 0;
  const stream = ai.stream("hard");
  const seen = [];
  await assert.rejects(async () => {
    for await (const part of stream) seen.push(part);
  }, AnswererError);
  assert.deepEqual(seen, ["from ", "the ", "cloud"]);
  assert.deepEqual(router.reports.map(([side, { ok }]) => [side, ok]), [["powerful", false]]);
  await assert.rejects(stream.result, AnswererError);
});

test("an abort is the caller's own, and no breaker hears of it", async (t) => {
  const { ai, upstream, router, light } = await load(t);
  upstream.answer = { hang: true };
  for (const start of ["ask", "stream"]) {
    const control = new AbortController();
    const request = { messages: [{ role: "user", content: "hard" }], signal: control.signal };
    const asked = upstream.bodies.length;
    const open = start === "ask" ? ai.ask(request) : ai.stream(request).result;
    while (upstream.bodies.length === asked) await new Promise((resolve) => setTimeout(resolve, 1));
    control.abort();
    await assert.rejects(open, (error) => error === control.signal.reason && error.name === "AbortError");
    assert.equal(await upstream.left, true, "the upstream's call ends too");
  }
  const reason = new Error("mine");
  await assert.rejects(ai.ask({ messages: [{ role: "user", content: "hard" }], signal: AbortSignal.abort(reason) }), reason);
  assert.deepEqual([router.reports, light.asked], [[], []]);
});

test("an answerer that does not listen to the signal is left all the same", async (t) => {
  const { ai } = await load(t, { light: makeLight({ answer: () => new Promise(() => undefined) }) });
  await assert.rejects(ai.ask({ messages: [{ role: "user", content: "easy" }], signal: AbortSignal.timeout(5) }), { name: "TimeoutError" });
});

test("leaving a stream ends the upstream's call, and nothing is reported", async (t) => {
  const { ai, upstream, router } = await load(t);
  upstream.answer = { gate: new Promise(() => undefined) };
  const stream = ai.stream("hard");
  for await (const part of stream) {
    assert.equal(part, "from ");
    break;
  }
  assert.equal(await upstream.left, true);
  await assert.rejects(stream.result, { name: "AbortError" });
  assert.deepEqual(router.reports, []);
});

test("a result nobody looks at leaves no unhandled rejection", async (t) => {
  const { ai, upstream } = await load(t, { mode: "only-in-cloud" });
  upstream.answer = OVERLOADED;
  ai.stream("hard");
  await assert.rejects(ai.stream("hard").next(), AnswererError);
  ai.stream({ messages: [] });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(unhandled, []);
});

test("a half-open breaker's lease goes with the decision and with the report", async (t) => {
  const router = makeRouter();
  const { ai } = await load(t, { router });
  const lease = { model: "light", id: "l1", expiresAt: 9 };
  router.states.light = false;
  router.leases.light = lease;
  assert.equal((await ai.ask("easy")).servedBy, "light");
  assert.deepEqual(router.routed[0].lease, lease);
  assert.deepEqual(router.reports[0][1].lease, lease);
  router.leases.light = null;
  const { servedBy, fallback } = await ai.ask("easy");
  assert.deepEqual([servedBy, fallback], ["powerful", "breaker_open"]);
});

test("a router that fails stops no answer: the powerful one is asked", async (t) => {
  const fail = () => Promise.reject(new Error("the worker died"));
  const router = makeRouter({ route: fail, report: fail, circuitBreakerStatus: fail, recordOutcome: fail });
  const { ai } = await load(t, { router });
  const { servedBy, decision, calibrated } = await ai.ask("easy");
  assert.deepEqual([servedBy, decision, calibrated], ["powerful", null, false]);
});

test("cost and saving are told where prices are, failed calls included, and null where not", async (t) => {
  const prices = { powerful: { tokensIn: 10, tokensOut: 50 } };
  const answer = async () => ({ text: "2", usage: { tokensIn: 100, tokensOut: 10 } });
  const { ai, router } = await load(t, { prices, light: makeLight({ answer }) });
  const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);
  const easy = await ai.ask("easy");
  assert.equal(easy.cost, 0);
  close(easy.saved, 0.0015);
  const hard = await ai.ask("hard");
  close(hard.cost, 0.0011);
  close(hard.saved, 0);
  assert.deepEqual(router.outcomes.map(([id, { model, cost }]) => [id, model, cost]), [["d-1", "light", 0], ["d-1", "powerful", hard.cost]]);
  const priced = { ...prices, light: { tokensIn: 1, tokensOut: 1 } };
  const cut = async () => ({ ...(await answer()), finishReason: "length" });
  const both = await load(t, { prices: priced, light: makeLight({ answer: cut }) });
  const fallen = await both.ai.ask("easy");
  close(fallen.cost, 0.00011 + 0.0011);
  close(fallen.saved, -0.00011);
  const { cost, saved } = await (await load(t)).ai.ask("hard");
  assert.deepEqual([cost, saved], [null, null]);
});

test("answers are calibrated with a certified policy or a fitted bundle, and not as shipped", async (t) => {
  assert.equal((await (await load(t)).ai.ask("easy")).calibrated, false);
  const certified = makeRouter({ drift: async () => ({ state: "steady" }) });
  assert.equal((await (await load(t, { router: certified })).ai.ask("easy")).calibrated, true);
  const fitted = makeRouter({ inspect: async () => ({ provenance: { adapted: {} } }) });
  assert.equal((await (await load(t, { router: fitted })).ai.ask("easy")).calibrated, true);
});

test("the key, headers and more fields go to the URL", async (t) => {
  const { ai, upstream } = await load(t, { cloud: { apiKey: "k", headers: { "x-a": "b" }, body: { temperature: 0 } } });
  await ai.ask("hard");
  const [{ authorization, "x-a": a }] = upstream.headers;
  assert.deepEqual([authorization, a, upstream.bodies[0].temperature], ["Bearer k", "b", 0]);
});

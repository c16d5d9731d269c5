import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { builtIn, Hybrid, NotAvailableError, openAI, transformers, webLLM } from "../build/hybrid/index.js";
import { FakeEngine, makePipeline } from "./hybrid/engines.mjs";
import { FakeModel } from "./hybrid/language-model.mjs";
import { makeRouter } from "./hybrid/parties.mjs";
import { startUpstream } from "./hybrid/upstream.mjs";

beforeEach(() => {
  FakeModel.reset();
  globalThis.LanguageModel = FakeModel;
});

async function load(t, light, options = {}) {
  const upstream = await startUpstream(t);
  const powerful = openAI({ baseURL: upstream.baseURL, model: "large", onDevice: false });
  return { upstream, ai: await Hybrid.load({ light, powerful, router: makeRouter(), ...options }) };
}

async function collect(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

test("each conversation has a clone of its own, and the base hears nothing", async (t) => {
  const { ai } = await load(t, builtIn());
  for (const content of ["easy one", "easy two"]) assert.equal((await ai.ask(content)).text, "from here");
  assert.deepEqual(await collect(ai.stream("easy three")), ["from ", "here"]);
  const [base, ...clones] = FakeModel.made;
  assert.deepEqual(base.told, []);
  assert.deepEqual(clones.map(({ told }) => told), ["easy one", "easy two", "easy three"].map((content) => [{ role: "user", content }]));
  assert.ok(clones.every(({ from, isDestroyed }) => from === base && isDestroyed));
  assert.equal(base.isDestroyed, false);
  await ai.close();
  assert.equal(base.isDestroyed, true);
});

test("a system message makes a session of its own, and earlier turns come with the prompt", async (t) => {
  const { ai } = await load(t, builtIn());
  const { usage } = await ai.ask({
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "easy" },
      { role: "assistant", content: "2" },
      { role: "user", content: "easy: and now" },
    ],
  });
  const [session] = FakeModel.made;
  assert.equal(FakeModel.made.length, 1);
  assert.deepEqual(session.told.map(({ role }) => role), ["system", "user", "assistant", "user"]);
  assert.ok(session.isDestroyed && usage.tokensIn > 0);
  assert.equal(usage.tokensOut, "from here".length);
});

test("the download begins within the gesture, shows progress, and the cloud answers meanwhile", async (t) => {
  FakeModel.state = "downloadable";
  let finish;
  FakeModel.download = new Promise((resolve) => (finish = resolve));
  const { ai } = await load(t, builtIn());
  assert.equal((await ai.ask("easy")).fallback, "downloadable");
  const seen = [];
  const prepared = ai.prepare({ onProgress: ({ loaded, total }) => seen.push(loaded / total) });
  assert.deepEqual([FakeModel.state, seen], ["downloading", [0, 0.5]], "nothing was awaited before `create`");
  const during = await ai.ask("easy");
  assert.deepEqual([during.servedBy, during.fallback], ["powerful", "downloading"]);
  finish();
  await prepared;
  assert.equal((await ai.ask("easy")).servedBy, "light");
});

test("a download without a gesture says so, one that is aborted ends with the caller's reason", async (t) => {
  FakeModel.state = "downloadable";
  FakeModel.isGesture = false;
  const { ai } = await load(t, builtIn());
  await assert.rejects(ai.prepare(), (error) => error instanceof NotAvailableError && /NotAllowedError.*in a click/.test(error.message));
  FakeModel.isGesture = true;
  FakeModel.download = new Promise(() => undefined);
  const control = new AbortController();
  const prepared = ai.prepare({ signal: control.signal });
  control.abort();
  await assert.rejects(prepared, { name: "AbortError" });
  FakeModel.download = undefined;
  await ai.prepare(); // the next one tries again
  assert.equal((await ai.ask("easy")).servedBy, "light");
});

test("a browser without the model, or with none to be had, leaves everything to the cloud", async (t) => {
  FakeModel.state = "unavailable";
  const { ai } = await load(t, builtIn());
  assert.equal((await ai.ask("easy")).fallback, "unavailable");
  await assert.rejects(ai.prepare(), { name: "NotAvailableError", message: /NotSupportedError/ });
  delete globalThis.LanguageModel;
  assert.equal((await ai.ask("easy")).fallback, "unavailable");
  await assert.rejects(ai.prepare(), { name: "NotAvailableError", message: /this browser has no LanguageModel/ });
});

test("in a worker builtIn says at once that it is for a page", (t) => {
  globalThis.WorkerGlobalScope = class {};
  t.after(() => delete globalThis.WorkerGlobalScope);
  assert.throws(() => builtIn(), { name: "NotAvailableError", message: /on a page, not in a worker/ });
});

test("a schema is the browser's constraint, and a full context is an answer cut off", async (t) => {
  const { ai } = await load(t, builtIn());
  const schema = { type: "object", required: ["n"] };
  FakeModel.reply = async () => '{"n":1}';
  assert.equal((await ai.ask({ messages: [{ role: "user", content: "easy" }], schema })).servedBy, "light");
  assert.deepEqual(FakeModel.made[1].options.responseConstraint, schema);
  FakeModel.reply = async () => "x".repeat(1000);
  assert.deepEqual((await ai.ask("easy")).fallback, "cut_off");
});

test("leaving a stream of the browser's model destroys its session", async (t) => {
  const { ai } = await load(t, builtIn());
  for await (const part of ai.stream("easy")) {
    assert.equal(part, "from ");
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(FakeModel.made[1].isDestroyed);
});

test("WebLLM answers, streams and counts its tokens; a schema goes to it as text", async (t) => {
  const engine = new FakeEngine();
  const { ai } = await load(t, webLLM(engine, { name: "llama" }));
  const { text, answerer, usage, cost } = await ai.ask("easy");
  assert.deepEqual([text, answerer, usage, cost], ["from the GPU", "llama", { tokensIn: 3, tokensOut: 4 }, 0]);
  const stream = ai.stream("easy");
  assert.deepEqual(await collect(stream), ["from ", "the GPU"]);
  assert.deepEqual((await stream.result).usage, { tokensIn: 3, tokensOut: 4 });
  engine.parts = ['{"n":1}'];
  const schema = { type: "object" };
  await ai.ask({ messages: [{ role: "user", content: "easy" }], schema });
  assert.deepEqual(engine.requests.at(-1).response_format, { type: "json_object", schema: '{"type":"object"}' });
  await ai.close();
  assert.equal(engine.isUnloaded, false, "an engine that was given is its owner's");
});

test("an abort interrupts its own generation, and the one behind it goes on", async (t) => {
  const engine = new FakeEngine();
  let open;
  engine.gate = new Promise((resolve) => (open = resolve));
  const { ai } = await load(t, webLLM(engine));
  const control = new AbortController();
  const first = ai.stream({ messages: [{ role: "user", content: "easy 1" }], signal: control.signal });
  assert.equal((await first.next()).value, "from ");
  const second = ai.ask("easy 2");
  control.abort();
  await assert.rejects(first.result, { name: "AbortError" });
  open();
  assert.equal((await second).text, "from the GPU");
  assert.deepEqual([engine.interrupted, engine.atOnce], [1, 1]);
});

test("an engine that is downloaded by prepare is unloaded by close", async (t) => {
  const engine = new FakeEngine();
  const { ai } = await load(t, webLLM(async ({ onProgress }) => {
    onProgress?.({ loaded: 1, total: 1 });
    return engine;
  }));
  assert.equal((await ai.ask("easy")).fallback, "downloadable");
  const seen = [];
  await ai.prepare({ onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(seen, [{ loaded: 1, total: 1 }]);
  assert.equal((await ai.ask("easy")).servedBy, "light");
  await ai.close();
  assert.equal(engine.isUnloaded, true);
});

test("transformers.js answers and streams whole letters; an abort ends it at the next token", async (t) => {
  const pipeline = makePipeline("zwölf €");
  const { ai } = await load(t, transformers(pipeline, { name: "smol" }));
  const { text, usage, answerer } = await ai.ask("easy");
  assert.deepEqual([text, answerer, usage], ["zwölf €", "smol", { tokensIn: 5, tokensOut: 10 }]);
  assert.deepEqual(pipeline.seen.chat, [{ role: "user", content: "easy" }]);
  assert.deepEqual(await collect(ai.stream("easy")), ["z", "w", "ö", "l", "f", " ", "€"]);
  pipeline.seen.generated = 0;
  const control = new AbortController();
  const stream = ai.stream({ messages: [{ role: "user", content: "easy" }], signal: control.signal });
  await stream.next();
  control.abort();
  await assert.rejects(stream.result, { name: "AbortError" });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(pipeline.seen.generated < 10);
});

test("a pipeline that reaches its most tokens is cut off, so that the cloud answers", async (t) => {
  const { ai } = await load(t, transformers(makePipeline("too long"), { maxTokens: 3 }));
  const { servedBy, fallback } = await ai.ask("easy");
  assert.deepEqual([servedBy, fallback], ["powerful", "cut_off"]);
});

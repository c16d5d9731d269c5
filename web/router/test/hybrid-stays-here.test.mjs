import assert from "node:assert/strict";
import { test } from "node:test";
import { Hybrid, openAI, StaysHereError } from "../build/hybrid/index.js";
import { makeLight, makeRouter } from "./hybrid/parties.mjs";
import { startUpstream } from "./hybrid/upstream.mjs";

const FLAGS = ["", "g", "y", "gy", "i", "gi", "m", "s", "u", "v", "d", "dgimsuy"];
const MODES = ["by-difficulty", "prefer-on-device", "only-on-device", "prefer-in-cloud", "only-in-cloud"];

async function load(t, options) {
  const upstream = await startUpstream(t);
  const light = makeLight();
  const powerful = openAI({ baseURL: upstream.baseURL, model: "large", onDevice: false });
  const ai = await Hybrid.load({ light, powerful, router: makeRouter(), ...options });
  return { ai, upstream, light };
}

/** Numbers of a card, each another one, each at another place of the text. */
function* makeTexts(count) {
  for (let n = 0; n < count; n++) {
    const card = `4929-${String(1000 + (n % 9000))}-${String(9999 - (n % 9000))}-${String(n).padStart(4, "0")}`;
    yield `${"hard work ".repeat(n % 17)}${card}${" more of it".repeat(n % 13)}`;
  }
}

test("of 1,000 texts under staysHere none reaches the cloud, with every flag and in every mode", async (t) => {
  const patterns = FLAGS.map((flags) => new RegExp("\\d{4}-\\d{4}-\\d{4}-\\d{4}", flags));
  const upstream = await startUpstream(t);
  const powerful = openAI({ baseURL: upstream.baseURL, model: "large", onDevice: false });
  const all = [];
  for (const pattern of patterns) {
    for (const mode of MODES) {
      const options = { light: makeLight(), powerful, router: makeRouter(), staysHere: [pattern], mode };
      all.push(await Hybrid.load(options));
    }
  }
  let n = 0;
  for (const text of makeTexts(1000)) {
    const { servedBy, staysHere } = await all[n++ % all.length].ask(text);
    assert.deepEqual([servedBy, staysHere], ["light", true], text);
  }
  assert.equal(upstream.bodies.length, 0);
  // The same hybrids do ask the cloud for what does not match.
  for (const ai of all.filter(({ mode }) => mode.endsWith("in-cloud"))) {
    assert.deepEqual([(await ai.ask("hard, without a number")).servedBy], ["powerful"]);
  }
  assert.equal(upstream.bodies.length, 2 * FLAGS.length);
});

test("a pattern with g or y finds every text, and the caller's own is left alone", async (t) => {
  for (const flags of ["g", "y", "gy"]) {
    const pattern = new RegExp("secret", flags);
    pattern.lastIndex = 3;
    const { ai, upstream } = await load(t, { staysHere: [pattern] });
    for (let n = 0; n < 6; n++) assert.equal((await ai.ask("hard: a secret")).servedBy, "light");
    assert.equal(pattern.lastIndex, 3);
    assert.equal(upstream.bodies.length, 0);
  }
});

const user = (content) => ({ messages: [{ role: "user", content }] });
const parts = (...texts) => user(texts.map((text) => ({ type: "text", text })));
const call = (args) => ({ id: "c1", type: "function", function: { name: "pay", arguments: args } });
const withCall = (args) => ({
  messages: [{ role: "user", content: "hard" }, { role: "assistant", content: null, tool_calls: [call(args)] }],
});
const withResult = (content) => ({
  messages: [...withCall("{}").messages, { role: "tool", tool_call_id: "c1", content }],
});
const withTool = (tool) => ({ ...user("hard"), tools: [{ type: "function", function: tool }] });
const ESCAPED = "\\u0053esame-\\u00e9toile";
const base64 = Buffer.from("Sesame-étoile").toString("base64");

const WAYS = {
  "a system message": { messages: [{ role: "system", content: "Sesame-étoile" }, { role: "user", content: "hard" }] },
  "an earlier turn": { messages: [{ role: "user", content: "Sesame-étoile" }, { role: "user", content: "hard" }] },
  "an earlier answer": { messages: [{ role: "assistant", content: "Sesame-étoile" }, { role: "user", content: "hard" }] },
  "a name": { messages: [{ role: "user", name: "Sesame-étoile", content: "hard" }] },
  "a part": parts("hard", "it is Sesame-étoile"),
  "two parts": parts("hard Sesame-", "étoile"),
  "many parts": parts("hard ", ..."Sesame-étoile"),
  "parts around an image": user([
    { type: "text", text: "Sesa" },
    { type: "image_url", image_url: { url: "" } },
    { type: "text", text: "me-étoile" },
  ]),
  "arguments of a call": withCall('{"to":"Sesame-étoile"}'),
  "escaped arguments": withCall(`{"to":"${ESCAPED}"}`),
  "arguments escaped twice": withCall(JSON.stringify({ to: JSON.stringify({ a: "x" }).replace("x", ESCAPED) })),
  "arguments that are an object": withCall({ to: "Sesame-étoile" }),
  "a tool's result": withResult("Sesame-étoile"),
  "an escaped result": withResult(`{"found":"${ESCAPED}"}`),
  "a result in parts": withResult([{ type: "text", text: "Sesame" }, { type: "text", text: "-étoile" }]),
  "the name of a field": withCall({ "Sesame-étoile": 1 }),
  "a tool's name": withTool({ name: "Sesame-étoile" }),
  "a tool's description": withTool({ name: "pay", description: "pays Sesame-étoile" }),
  "a tool's parameters": withTool({ name: "pay", parameters: { properties: { "Sesame-étoile": { type: "string" } } } }),
  "a tool's default": withTool({ name: "pay", parameters: { properties: { to: { default: "Sesame-étoile" } } } }),
  "a schema": { ...user("hard"), schema: { enum: ["Sesame-étoile"] } },
  "a schema's names": { ...user("hard"), schema: { properties: { "Sesame-étoile": {} } } },
  "an image's address": user([{ type: "image_url", image_url: { url: "https://x.test/?q=Sesame-%C3%A9toile" } }]),
  "a file of text": user([{ type: "file", file: { file_data: `data:text/plain;base64,${base64}` } }]),
  "a field of its own": { messages: [{ role: "user", content: "hard", note: { deep: ["Sesame-étoile"] } }] },
  "composed letters": user("hard Sesame-e\u0301toile"),
  "wide letters": user("hard Ｓｅｓａｍｅ-étoile"),
  "letters nobody sees": user("hard Se\u200bsame-\u00adétoile"),
  "an object that writes itself": user({ toJSON: () => "Sesame-étoile" }),
};

for (const [way, request] of Object.entries(WAYS)) {
  test(`what matches in ${way} does not leave`, async (t) => {
    const { ai, upstream } = await load(t, { staysHere: [/Sesame-étoile/], mode: "prefer-in-cloud" });
    const whole = await ai.ask(request).catch((error) => error);
    assert.ok(whole instanceof StaysHereError || whole.servedBy === "light", String(whole));
    const streamed = await ai.stream(request).result.catch((error) => error);
    assert.ok(streamed instanceof StaysHereError || streamed.servedBy === "light", String(streamed));
    assert.equal(upstream.bodies.length, 0);
  });
}

test("the words of the format itself match nothing", async (t) => {
  const staysHere = [/type|text|function|name|content|tool|role|user|assistant|parameters|object/];
  const { ai, upstream } = await load(t, { staysHere });
  const { tools } = withTool({ name: "pay", parameters: { type: "object" } });
  const { servedBy } = await ai.ask({ ...withResult([{ type: "text", text: "4" }]), tools });
  assert.equal(servedBy, "powerful");
  assert.equal(upstream.bodies.length, 1);
});

test("a caller who changes the messages afterwards changes nothing that is sent", async (t) => {
  const { ai, upstream } = await load(t, { staysHere: [/secret/] });
  const messages = [{ role: "user", content: "hard" }];
  const asked = ai.ask({ messages });
  messages[0].content = "secret";
  messages.push({ role: "user", content: "secret" });
  await asked;
  assert.deepEqual(upstream.bodies.map((body) => body.messages), [[{ role: "user", content: "hard" }]]);
});

for (const [fault, over] of Object.entries({
  "is not there": { state: "unavailable" },
  "throws": { answer: () => Promise.reject(new Error("GPU lost")) },
  "answers nothing": { text: " " },
  "refuses": { text: "I'm sorry, but I can't help with that." },
})) {
  test(`a light answerer that ${fault} is an error under staysHere, in any mode`, async (t) => {
    for (const mode of MODES) {
      const { ai, upstream } = await load(t, { staysHere: [/secret/], light: makeLight(over), mode });
      const error = await ai.ask("a secret").catch((error) => error);
      assert.ok(error instanceof StaysHereError, String(error));
      assert.equal(error.causes.length, 1);
      assert.doesNotMatch(error.message, /a secret/);
      assert.equal(upstream.bodies.length, 0);
    }
  });
}

test("a light answerer elsewhere is refused with staysHere, unless its text stays with the caller", async () => {
  const powerful = openAI({ baseURL: "/api", model: "large" });
  const staysHere = [/secret/];
  const load = (light) => Hybrid.load({ light, powerful, router: makeRouter(), staysHere });
  for (const baseURL of ["https://models.test/v1", "/api", "http://localhost.test/v1", "http://127.0.0.1.test"]) {
    await assert.rejects(load(openAI({ baseURL, model: "small" })), {
      name: "InvalidInputError",
      message: /^staysHere: light \(small\) is not on this device; say `onDevice: true`/,
    });
  }
  for (const baseURL of ["http://localhost:11434/v1", "http://127.0.0.1:8080", "http://[::1]:1/v1"]) {
    await load(openAI({ baseURL, model: "small" }));
  }
  await load(openAI({ baseURL: "https://ours.test/v1", model: "small", onDevice: true }));
});

test("an answerer on this device that sends its text on is not followed", async (t) => {
  const cloud = await startUpstream(t);
  const here = await startUpstream(t, { status: 307, head: { location: `${cloud.baseURL}/chat/completions` }, raw: "" });
  const light = openAI({ baseURL: here.baseURL, model: "small" });
  const powerful = openAI({ baseURL: cloud.baseURL, model: "large", onDevice: false });
  const ai = await Hybrid.load({ light, powerful, router: makeRouter(), staysHere: [/secret/] });
  await assert.rejects(ai.ask("a secret"), StaysHereError);
  assert.deepEqual([here.bodies.length, cloud.bodies.length], [1, 0]);
});

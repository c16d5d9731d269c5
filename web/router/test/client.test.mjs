import assert from "node:assert/strict";
import { test } from "node:test";
import { toCandidateFields, Vectors } from "../build/page/candidate.js";
import { RouterConfig } from "../build/page/config.js";
import { BundleError, StoreError, StoreFullError, TinyDancerError, toError, toRecord } from "../build/protocol/errors.js";
import { parseResponse } from "../build/page/response.js";
import { describePolicyFault } from "../build/protocol/fault.js";

test("a config holds only what was set, by either way of setting it", () => {
  assert.deepEqual(new RouterConfig().toPython(), {});
  const config = new RouterConfig({ level: 0.8, maxTokens: 64 });
  config.set_confidence_threshold(0.85).set_max_uncertainty(0);
  assert.deepEqual(config.toPython(), {
    confidence_threshold: 0.85,
    max_uncertainty: 0,
    level: 0.8,
    max_tokens: 64,
  });
});

test("settings of breaker and history keep the models' names", () => {
  const prices = { "gpt_5.miniLight": { tokensIn: 1, tokensOut: 2 } };
  const config = new RouterConfig({ breaker: { openS: 5, slowCallMs: null }, history: { viewAgeS: 1, prices } });
  assert.deepEqual(config.toPython(), {
    breaker: { open_s: 5, slow_call_ms: null },
    history: { view_age_s: 1, prices: { "gpt_5.miniLight": { tokens_in: 1, tokens_out: 2 } } },
  });
});

test("an error of a store is one whatever its kind", () => {
  const error = toError({ name: "StoreFullError", message: "no space" });
  assert.ok(error instanceof StoreFullError && error instanceof StoreError);
});

test("an error keeps its Python name across the worker's border", () => {
  const bundle = toError(toRecord(new BundleError("token.rows: cut short")));
  assert.ok(bundle instanceof BundleError && bundle instanceof TinyDancerError);
  assert.equal(`${bundle}`, "BundleError: token.rows: cut short");
  const other = toError({ name: "ZeroDivisionError", message: "division by zero" });
  assert.ok(other instanceof TinyDancerError);
  assert.equal(other.name, "ZeroDivisionError");
  assert.deepEqual(toRecord("text"), { name: "Error", message: "text" });
});

test("wire names become camelCase and values stay", () => {
  const wire = '{"use_lightweight":true,"inference_time_us":null,"n_tokens":7,"interval":[0.5,1]}';
  assert.deepEqual(parseResponse(wire), {
    useLightweight: true,
    inferenceTimeUs: null,
    nTokens: 7,
    interval: [0.5, 1],
  });
});

test("decisions and their features are renamed as well", () => {
  const wire = '{"decisions":[{"candidate_id":"some_id","features":{"success_rate":1}}]}';
  assert.deepEqual(parseResponse(wire), {
    decisions: [{ candidateId: "some_id", features: { successRate: 1 } }],
  });
});

test("vectors are joined, their lengths stand in the fields, and metadata keeps its names", () => {
  const vectors = new Vectors();
  const fields = toCandidateFields(
    [
      { id: "a", embedding: new Float32Array([1, 2, 3]).subarray(1), successRate: 1 },
      { id: "b", text: "t", embedding: undefined, metadata: { someKey: "v" }, createdAt: 5 },
      { id: "c", embedding: [4] },
    ],
    vectors,
  );
  assert.deepEqual(fields, [
    { id: "a", embedding: 2, success_rate: 1 },
    { id: "b", text: "t", metadata: { someKey: "v" }, created_at: 5 },
    { id: "c", embedding: 1 },
  ]);
  assert.deepEqual(vectors.join(), new Float32Array([2, 3, 4]));
});

test("a vector that is none is refused by the candidate's index", () => {
  for (const embedding of ["abc", 7, ["1"], [1n], new Uint8Array(2)]) {
    assert.throws(() => toCandidateFields([{ id: "a", embedding }], new Vectors()), {
      name: "InvalidInputError",
      message: "candidate 0: embedding: a Float32Array or an array of numbers is needed",
    });
  }
});

test("a policy that forbids WebAssembly is told from a kernel that does not compile", () => {
  const refused = new WebAssembly.CompileError(
    "Refused to compile or instantiate WebAssembly module because neither 'wasm-eval' nor " +
      "'unsafe-eval' is an allowed source of script",
  );
  assert.match(describePolicyFault(refused).message, /script-src needs 'wasm-unsafe-eval'/);
  assert.equal(describePolicyFault(new WebAssembly.CompileError("Wasm SIMD unsupported @+434")), undefined);
});

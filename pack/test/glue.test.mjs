import assert from "node:assert/strict";
import { test } from "node:test";
import { createGlue, TRAPPED } from "../glue.mjs";

/** A kernel that adds one to every byte of the text; `exports` may be changed by a test. */
function fakeKernel() {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 64 });
  const exports = {
    memory,
    td_abi: () => 0x10000,
    td_unicode: () => 0x100000,
    td_alloc: (n) => (n > 1e6 ? 0 : (memory.grow(1), 1024)),
    td_load: (address, n) => new Uint8Array(memory.buffer, address, n)[0],
    td_block: () => 4096,
    td_result: () => 8192,
    td_run: () => {
      const [bytes] = new Uint32Array(memory.buffer, 4096, 1);
      const request = new Uint8Array(memory.buffer, 4096, bytes);
      new Uint8Array(memory.buffer, 8192, bytes).set(request.map((byte) => byte + 1));
      return 0;
    },
  };
  return exports;
}

/** A Python array: `move` does what growth of Pyodide's memory does to views of it. */
function fakeArray(size) {
  let bytes = new Uint8Array(size);
  const state = { views: 0, destroyed: 0 };
  return {
    state,
    get bytes() {
      return bytes;
    },
    move() {
      bytes = new Uint8Array(structuredClone(bytes.buffer, { transfer: [bytes.buffer] }));
    },
    copy() {
      return this;
    },
    destroy: () => (state.destroyed += 1),
    getBuffer() {
      state.views += 1;
      return { data: bytes, release: () => (state.views -= 1) };
    },
  };
}

function open(t, exports = fakeKernel()) {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function () {
    return { exports };
  };
  t.after(() => (WebAssembly.Instance = Instance));
  return createGlue({}).open();
}

function bound(t, exports) {
  const kernel = open(t, exports);
  const [request, result] = [fakeArray(256), fakeArray(128)];
  return { kernel, request, result, run: kernel.bind(request, result) };
}

function ask({ request, run, result }, first) {
  new Uint32Array(request.bytes.buffer)[0] = 70;
  new Uint32Array(request.bytes.buffer)[1] = 70;
  request.bytes[64] = first;
  return [run(), result.bytes[64]];
}

test("a run copies the request in and as much of the result out as was asked for", (t) => {
  const all = bound(t);
  assert.deepEqual(ask(all, 7), [0, 8]);
  assert.equal(all.result.bytes[70], 0);
});

test("views are renewed after either memory grew", (t) => {
  const exports = fakeKernel();
  const all = bound(t, exports);
  assert.deepEqual(ask(all, 1), [0, 2]);
  exports.memory.grow(3);
  assert.deepEqual(ask(all, 2), [0, 3]);
  all.request.move();
  all.result.move();
  assert.deepEqual(ask(all, 3), [0, 4]);
  all.request.move();
  all.result.move();
  exports.memory.grow(3);
  assert.deepEqual(ask(all, 4), [0, 5]);
  assert.equal(all.request.state.views, 1);
});

test("sizes in the request are bounded by the arrays", (t) => {
  const all = bound(t);
  new Uint32Array(all.request.bytes.buffer).set([2 ** 32 - 1, 2 ** 32 - 1]);
  assert.doesNotThrow(() => all.run());
});

test("a trap is a number, not an exception", (t) => {
  const exports = fakeKernel();
  exports.td_run = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  assert.deepEqual(ask(bound(t, exports), 1), [TRAPPED, 0]);
});

test("loading gives the kernel's status, and releases the image in every case", (t) => {
  const kernel = open(t);
  const image = fakeArray(16);
  image.bytes[0] = 5;
  assert.equal(kernel.load(image), 5);
  assert.equal(image.state.views, 0);
  const large = fakeArray(2_000_000);
  assert.equal(kernel.load(large), -4);
  assert.equal(large.state.views, 0);
});

test("closing releases both arrays once", (t) => {
  const { kernel, request, result } = bound(t);
  kernel.close();
  kernel.close();
  for (const { state } of [request, result]) assert.deepEqual(state, { views: 0, destroyed: 1 });
});

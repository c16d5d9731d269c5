/**
 * Preloaded: Miniflare's own thread wakes its caller late, as on a busy machine, and every second call of the
 * caller sees the answer before it waits for it, so that it is woken in the call after that.
 */
const { performance } = require("node:perf_hooks");
const { isMainThread } = require("node:worker_threads");

const { store, wait } = Atomics;
let calls = 0;

if (isMainThread) {
  Atomics.wait = (array, index, value, ...most) => {
    if (calls++ % 2 === 0) while (Atomics.load(array, index) === value);
    return wait(array, index, value, ...most);
  };
} else {
  Atomics.store = (...given) => {
    const stored = store(...given);
    const until = performance.now() + 5;
    while (performance.now() < until);
    return stored;
  };
}

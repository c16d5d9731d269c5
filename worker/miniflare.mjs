/** Miniflare, each of whose calls into its own thread waits for its own answer. */
import { Miniflare } from "miniflare";

const { wait } = Atomics;

/**
 * That thread stores that it has answered, and wakes whoever waits. A caller that saw the stored value first
 * waits for its next answer when it is woken, and would find none: a wake-up that stored nothing is none.
 */
Atomics.wait = (array, index, value, ...most) => {
  let ended = wait(array, index, value, ...most);
  while (most.length === 0 && ended === "ok" && Atomics.load(array, index) === value) ended = wait(array, index, value);
  return ended;
};

export { Miniflare };

import { Worker } from "node:worker_threads";
import type { Listener, Port } from "../page/spawn.js";
import type { Files, Message, Start } from "../protocol/calls.js";
import { LoadError } from "../protocol/errors.js";

/** Starts a thread, which does not keep the process alive but while it is called. */
export function spawn(files: Files, snapshot: boolean, listener: Listener): Promise<Port> {
  const address = new URL("../runtime/node.js", import.meta.url); // of dist/node.js, whatever `base` is
  const worker = new Worker(address, { name: "tiny-dancer" });
  let open = 1; // the start is a call
  const settle = () => {
    open -= 1;
    if (open <= 0) worker.unref();
  };
  worker.on("message", (message: Message) => {
    if (message.type === "ready" || message.type === "reply" || message.type === "refusal") settle();
    listener.onMessage(message);
  });
  worker.on("error", (error) => {
    listener.onError(new LoadError(`${String(address)}: ${String(error)}`, { cause: error }));
  });
  worker.on("exit", () => {
    listener.onEnd();
  });
  const start: Start = { files, snapshot, verify: false, lock: "" };
  worker.postMessage(start);
  return Promise.resolve({
    send(call) {
      open += 1;
      worker.ref();
      worker.postMessage(call);
    },
    end() {
      void worker.terminate();
    },
  });
}

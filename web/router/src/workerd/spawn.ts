import { createServer } from "./worker.js";
import type { Listener, Port } from "../page/spawn.js";
import type { Call, Files, Message, Start } from "../protocol/calls.js";

/** There are no workers in workerd: calls are carried out in the isolate itself, each after the last. */
export function spawn(files: Files, snapshot: boolean, listener: Listener): Promise<Port> {
  const routers = new Set<Call["args"][0]>();
  let open = true;
  const server = createServer((message: Message) => {
    if (open) listener.onMessage(message);
  });
  const start: Start = { files, snapshot, verify: false, lock: "" };
  server.receive(start);
  return Promise.resolve({
    send(call) {
      if (call.method === "open_router") routers.add(call.args[0]);
      server.receive(call);
    },
    end() {
      open = false;
      for (const router of routers) server.receive({ id: 0, method: "close_router", args: [router] });
    },
  });
}

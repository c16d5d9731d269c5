/** The module worker of a page. */
import { Server } from "./server.js";
import { startPython } from "./start.js";
import { Tab } from "./tab.js";
import type { Call, Message, Start } from "../protocol/calls.js";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

const send = (message: Message) => {
  scope.postMessage(message);
};
const close = () => {
  scope.close();
};

/** Held as long as this worker lives, which is how the page learns that it died. */
function holdLock(name: string): void {
  // Absent on plain http other than localhost; refused where the page may store nothing.
  const { locks } = navigator as { locks?: LockManager };
  locks?.request(name, () => new Promise(() => undefined)).catch(() => undefined);
}

const server = new Server({ send, close }, (start) => {
  holdLock(start.lock);
  const tab = new Tab(start, (progress) => {
    send({ type: "progress", ...progress });
  });
  return startPython(tab, start.snapshot);
});

scope.onmessage = ({ data }: MessageEvent<Start | Call>) => {
  server.receive(data);
};

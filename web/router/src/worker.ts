/** The module worker: starts Pyodide from the files beside it, then answers calls one by one. */
import { boot, type Session } from "./boot.js";
import { toRecord } from "./errors.js";
import type { ErrorRecord } from "./errors.js";
import { totalBytes } from "./manifest.js";
import type { Call, Message } from "./protocol.js";

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const send = (message: Message) => {
  scope.postMessage(message);
};

async function start(): Promise<Session> {
  const begin = performance.now();
  const base = new URL("./", import.meta.url).href;
  const { pyodide, session, manifest } = await boot(base, (progress) => {
    send({ type: "progress", ...progress });
  });
  const python = String(pyodide.runPython("import platform; platform.python_version()"));
  const startMs = performance.now() - begin;
  const { version } = manifest;
  const bytes = totalBytes(manifest);
  send({ type: "ready", info: { version, pyodide: pyodide.version, python, startMs, bytes } });
  return session;
}

function answer(session: Session, { id, method, args }: Call): void {
  try {
    const reply = session[method](...args);
    if (typeof reply !== "string") send({ type: "reply", id, value: reply });
    else if (reply.startsWith("+")) send({ type: "reply", id, value: reply.slice(1) });
    else send({ type: "refusal", id, error: JSON.parse(reply.slice(1)) as ErrorRecord });
  } catch (error) {
    send({ type: "refusal", id, error: toRecord(error) });
  }
}

const started = start();
started.catch((error: unknown) => {
  send({ type: "failed", error: toRecord(error) });
});
scope.onmessage = ({ data }: MessageEvent<Call>) => {
  void started.then((session) => {
    answer(session, data);
  });
};

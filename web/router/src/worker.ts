/** The module worker: starts Pyodide from the files beside it, then answers calls one by one. */
import { boot, type Session } from "./boot.js";
import { toRecord } from "./errors.js";
import type { ErrorRecord } from "./errors.js";
import { totalBytes } from "./manifest.js";
import type { Answer, Call, Message, Method } from "./protocol.js";

/** After an answer, records wait so long for others to be written with. */
const DRAIN_MS = 100;

type Reply = Answer<Method> | undefined;

/** What a function of session.py gives: a reply, or a Python coroutine that gives one. */
type Called = Reply | (PromiseLike<Reply> & { destroy(): void });

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
  pyodide.registerJsModule("tiny_dancer_storage", { open_store: openIndexedDB });
  const python = String(pyodide.runPython("import sys; sys.version.split()[0]"));
  const startMs = performance.now() - begin;
  const { version } = manifest;
  const bytes = totalBytes(manifest);
  send({ type: "ready", info: { version, pyodide: pyodide.version, python, startMs, bytes } });
  return session;
}

/** Loaded by those who keep a history only. */
async function openIndexedDB(name: string, events: object): Promise<unknown> {
  const [idb, { openStore }] = await Promise.all([import("./idb.js"), import("./store.js")]);
  return openStore(idb, name, events);
}

async function answer(session: Session, { id, method, args }: Call): Promise<void> {
  try {
    const called = session[method](...args) as Called;
    const reply = isCoroutine(called) ? await settled(called) : called;
    if (typeof reply !== "string") send({ type: "reply", id, value: reply as Answer<Method> });
    else if (reply.startsWith("+")) send({ type: "reply", id, value: reply.slice(1) });
    else send({ type: "refusal", id, error: JSON.parse(reply.slice(1)) as ErrorRecord });
  } catch (error) {
    send({ type: "refusal", id, error: toRecord(error) });
  }
}

function isCoroutine(called: Called): called is Exclude<Called, Reply> {
  return typeof called === "object" && "then" in called;
}

async function settled(coroutine: Exclude<Called, Reply>): Promise<Reply> {
  try {
    return await coroutine;
  } finally {
    coroutine.destroy();
  }
}

let stores = false;
let draining: Promise<void> | undefined;

/** Writes what waits, off the way of the answers. */
function drainSoon(session: Session): void {
  draining ??= new Promise((resolve) => setTimeout(resolve, DRAIN_MS))
    .then(() => settled(session.drain() as unknown as Exclude<Called, Reply>))
    .catch(() => undefined) // what could not be written waits
    .then(() => {
      draining = undefined;
    });
}

const started = start();
started.catch((error: unknown) => {
  send({ type: "failed", error: toRecord(error) });
});
scope.onmessage = ({ data }: MessageEvent<Call>) => {
  void started.then(async (session) => {
    await answer(session, data);
    stores ||= data.method === "open_router" && data.args[3] !== undefined;
    if (stores) drainSoon(session);
  });
};

/** The module worker: starts Pyodide from the files it is told of, then carries out calls one by one. */
import { type Session, startPython } from "./start.js";
import type { Answer, Call, Message, Method, Start } from "../protocol/calls.js";
import { type ErrorRecord, toRecord } from "../protocol/errors.js";

/** After a reply, records are held for so long, to be written together with others. */
const DRAIN_MS = 100;

type Reply = Answer<Method> | undefined;

/** What a function of tiny_dancer_session gives: a reply, or a Python coroutine that gives one. */
type Called = Reply | (PromiseLike<Reply> & { destroy(): void });

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const send = (message: Message) => {
  scope.postMessage(message);
};

async function start(files: Start["files"]): Promise<Session> {
  const begin = performance.now();
  const { pyodide, session } = await startPython(files, (progress) => {
    send({ type: "progress", ...progress });
  });
  const openStore = async (name: string, events: object) => {
    const { openStore } = (await import(files["store.js"])) as typeof import("../store/open.js");
    return openStore(name, events);
  };
  pyodide.registerJsModule("tiny_dancer_storage", { open_store: openStore });
  const python = String(pyodide.runPython("import sys; sys.version.split()[0]"));
  const startMs = performance.now() - begin;
  send({ type: "ready", info: { ...BUILD, pyodide: pyodide.version, python, startMs } });
  return session;
}

async function reply(session: Session, { id, method, args }: Call): Promise<void> {
  try {
    const called = session[method](...args) as Called;
    const value = isCoroutine(called) ? await settle(called) : called;
    if (typeof value !== "string") send({ type: "reply", id, value: value as Answer<Method> });
    else if (value.startsWith("+")) send({ type: "reply", id, value: value.slice(1) });
    else send({ type: "refusal", id, error: JSON.parse(value.slice(1)) as ErrorRecord });
  } catch (error) {
    send({ type: "refusal", id, error: toRecord(error) });
  }
}

function isCoroutine(called: Called): called is Exclude<Called, Reply> {
  return typeof called === "object" && "then" in called;
}

async function settle(coroutine: Exclude<Called, Reply>): Promise<Reply> {
  try {
    return await coroutine;
  } finally {
    coroutine.destroy();
  }
}

let stores = false;
let draining: Promise<void> | undefined;

/** Writes what is queued; replies do not wait for it. */
function drainSoon(session: Session): void {
  draining ??= new Promise((resolve) => setTimeout(resolve, DRAIN_MS))
    .then(() => settle(session.drain() as unknown as Exclude<Called, Reply>))
    .catch(() => undefined) // what could not be written stays queued
    .then(() => {
      draining = undefined;
    });
}

let started: Promise<Session> | undefined;

scope.onmessage = ({ data }: MessageEvent<Start | Call>) => {
  if ("files" in data) {
    started = start(data.files);
    started.catch((error: unknown) => {
      send({ type: "failed", error: toRecord(error) });
    });
    return;
  }
  void started?.then(async (session) => {
    await reply(session, data);
    stores ||= data.method === "open_router" && data.args[3] !== undefined;
    if (stores) drainSoon(session);
  });
};

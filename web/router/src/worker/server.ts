/** Carries out calls one by one, once Python is there. */
import type { PyodideAPI } from "pyodide";
import type { Session, Started } from "./start.js";
import type { Answer, Call, Message, Method, Start } from "../protocol/calls.js";
import { type ErrorRecord, toRecord } from "../protocol/errors.js";

/** After a reply, records are held for so long, to be written together with others. */
const DRAIN_MS = 100;

type Reply = Answer<Method> | undefined;

/** What a function of tiny_dancer_session gives: a reply, or a Python coroutine that gives one. */
type Called = Reply | (PromiseLike<Reply> & { destroy(): void });

/** The worker's side of the messages. */
export interface Scope {
  send(message: Message): void;
  /** Ends the worker. */
  close(): void;
}

export class Server {
  readonly #scope: Scope;
  readonly #start: (start: Start) => Promise<Started>;
  #started: Promise<Session> | undefined;
  #stores = false;
  #draining: Promise<void> | undefined;

  constructor(scope: Scope, start: (start: Start) => Promise<Started>) {
    this.#scope = scope;
    this.#start = start;
  }

  receive(data: Start | Call): void {
    if ("files" in data) {
      this.#started = this.#open(data);
      this.#started.catch((error: unknown) => {
        this.#scope.send({ type: "failed", error: toRecord(error) });
      });
      return;
    }
    void this.#started?.then(async (session) => {
      await this.#reply(session, data);
      this.#stores ||= data.method === "open_router" && data.args[3] !== undefined;
      if (this.#stores) this.#drainSoon(session);
    });
  }

  async #open(start: Start): Promise<Session> {
    const begin = performance.now();
    const { pyodide, session, snapshot, bytes } = await this.#start(start);
    registerStore(pyodide, start.files["store.js"]);
    const python = String(pyodide.runPython("import sys; sys.version.split()[0]"));
    const startMs = performance.now() - begin;
    const { version } = BUILD;
    this.#scope.send({ type: "ready", info: { version, pyodide: pyodide.version, python, startMs, bytes, snapshot } });
    return session;
  }

  async #reply(session: Session, { id, method, args }: Call): Promise<void> {
    try {
      const called = session[method](...args) as Called;
      const value = isCoroutine(called) ? await settle(called) : called;
      if (value === undefined) this.#die(new Error("it had failed before")); // all else gives something
      else if (typeof value !== "string") this.#scope.send({ type: "reply", id, value: value as Answer<Method> });
      else if (value.startsWith("+")) this.#scope.send({ type: "reply", id, value: value.slice(1) });
      else this.#scope.send({ type: "refusal", id, error: JSON.parse(value.slice(1)) as ErrorRecord });
    } catch (error) {
      if (isFatal(error)) this.#die(error);
      else this.#scope.send({ type: "refusal", id, error: toRecord(error) });
    }
  }

  /** Python cannot go on: whoever waits is told, and another worker takes its place. */
  #die(error: Error): void {
    this.#scope.send({ type: "died", reason: String(error) });
    this.#scope.close();
  }

  /** Writes what is queued; replies do not wait for it. */
  #drainSoon(session: Session): void {
    if (this.#draining) return;
    this.#draining = new Promise((resolve) => setTimeout(resolve, DRAIN_MS))
      .then(() => settle(session.drain() as unknown as Exclude<Called, Reply>))
      .catch(() => undefined) // what could not be written stays queued
      .then(() => {
        this.#draining = undefined;
      });
  }
}

function registerStore(pyodide: PyodideAPI, file: string): void {
  const openStore = async (name: string, events: object) => {
    const { openStore } = (await import(file)) as typeof import("../store/open.js");
    return openStore(name, events);
  };
  pyodide.registerJsModule("tiny_dancer_storage", { open_store: openStore });
}

/** Pyodide marks what it cannot go on after; a trap of its wasm is such, marked or not. */
function isFatal(error: unknown): error is Error {
  if (error instanceof WebAssembly.RuntimeError) return true;
  return error instanceof Error && "pyodide_fatal_error" in error;
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

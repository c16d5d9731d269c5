import { ClosedError, LoadError, type TinyDancerError, toError } from "../protocol/errors.js";
import type { Answer, Call, Message, Method, Progress, RuntimeInfo, Start } from "../protocol/calls.js";
import { locateFiles } from "./files.js";

export interface RuntimeOptions {
  /** Folder with the run-time files; unless given, they are part of this package. */
  readonly base?: string | URL;
  /** Ends the start: the worker is stopped and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

interface Pending {
  readonly resolve: (value: Answer<Method>) => void;
  readonly reject: (error: unknown) => void;
}

/** A worker with Pyodide and the Python package in it. */
export class Runtime {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #closed: TinyDancerError | undefined;
  #info: RuntimeInfo | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static start({ base, signal, onProgress }: RuntimeOptions = {}): Promise<Runtime> {
    signal?.throwIfAborted();
    const files = locateFiles(base);
    const address = files["worker.js"];
    const worker = new Worker(address, { type: "module", name: "tiny-dancer" });
    const runtime = new Runtime(worker);
    return new Promise<Runtime>((resolve, reject) => {
      const stop = (error: Error) => {
        runtime.close();
        reject(error);
      };
      const abort = () => {
        stop(signal?.reason as Error);
      };
      signal?.addEventListener("abort", abort, { once: true });
      worker.onerror = (event) => {
        event.preventDefault();
        const why = event.message || "the file is missing or may not run as a worker";
        const hint = base === undefined ? "; a bundler that does not emit it needs `base`, or tiny-dancer/esbuild" : "";
        stop(new LoadError(`${address}: ${why}${hint}`));
      };
      worker.onmessage = ({ data }: MessageEvent<Message>) => {
        if (data.type === "progress") onProgress?.({ loaded: data.loaded, total: data.total });
        else if (data.type === "failed") stop(toError(data.error));
        else if (data.type === "ready") {
          signal?.removeEventListener("abort", abort);
          runtime.#info = data.info;
          resolve(runtime);
        } else runtime.#settle(data);
      };
      const start: Start = { files };
      worker.postMessage(start);
    });
  }

  get info(): RuntimeInfo {
    if (!this.#info) throw new ClosedError("the run time has not started");
    return this.#info;
  }

  /** Calls a function of tiny_dancer_session. */
  async call<M extends Method>(method: M, args: Call["args"], signal?: AbortSignal): Promise<Answer<M>> {
    return (await this.#send(method, args, signal)) as Answer<M>;
  }

  #send(method: Method, args: Call["args"], signal?: AbortSignal): Promise<Answer<Method>> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#closed) throw this.#closed;
      const id = ++this.#calls;
      const abort = () => {
        this.#pending.delete(id);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", abort, { once: true });
      const done = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          signal?.removeEventListener("abort", abort);
          settle(value);
        };
      };
      this.#pending.set(id, { resolve: done(resolve), reject: done(reject) });
      const call: Call = { id, method, args };
      this.#worker.postMessage(call);
    });
  }

  /** Stops the worker; pending calls reject with a `ClosedError`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = new ClosedError("the router was closed");
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) reject(this.#closed);
    this.#pending.clear();
  }

  #settle(message: Extract<Message, { type: "reply" | "refusal" }>): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === "reply") pending?.resolve(message.value);
    else pending?.reject(toError(message.error));
  }
}

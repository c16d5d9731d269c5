import { locateFiles } from "./files.js";
import { type Port, spawn } from "./spawn.js";
import type { Answer, Call, Message, Method, Progress, RuntimeInfo } from "../protocol/calls.js";
import { ClosedError, toError, WorkerError } from "../protocol/errors.js";

export interface RuntimeOptions {
  /** Folder with the run-time files; unless given, they are part of this package. */
  readonly base?: string | URL;
  /** False starts Python plainly, with less to fetch, instead of from the memory image. */
  readonly snapshot?: boolean;
  /** Ends the start: the worker is stopped and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

interface Pending {
  readonly resolve: (value: Answer<Method>) => void;
  readonly reject: (error: unknown) => void;
}

/** One worker with Pyodide and the Python package in it, from its start to its end. */
export class Connection {
  /** Resolves when the worker is no more, whether it was closed or died. */
  readonly ended: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  #port: Port | undefined;
  #calls = 0;
  #end: Error | undefined;
  #info: RuntimeInfo | undefined;
  #tell!: () => void;

  private constructor() {
    this.ended = new Promise((resolve) => (this.#tell = resolve));
  }

  /** Resolves when the worker can be called. */
  static async start({ base, snapshot = true, signal, onProgress }: RuntimeOptions): Promise<Connection> {
    signal?.throwIfAborted();
    const connection = new Connection();
    let last = 0;
    const report = (progress: Progress) => {
      last = progress.loaded;
      onProgress?.(progress);
    };
    let abort: (() => void) | undefined;
    try {
      return await new Promise<Connection>((resolve, reject) => {
        const fail = (error: Error) => {
          connection.close(error);
          reject(error);
        };
        abort = () => {
          fail(signal?.reason as Error);
        };
        signal?.addEventListener("abort", abort, { once: true });
        const onMessage = (message: Message) => {
          if (message.type === "progress") report(message);
          else if (message.type === "failed") fail(toError(message.error));
          else if (message.type === "died") connection.#lose(message.reason);
          else if (message.type === "ready") {
            const { bytes } = message.info;
            if (last < bytes) report({ loaded: bytes, total: bytes });
            connection.#info = message.info;
            resolve(connection);
          } else connection.#settle(message);
        };
        const onError = (error: Error) => {
          if (connection.#info) connection.#lose(error.message);
          else fail(error);
        };
        const onEnd = () => {
          if (connection.#info) connection.#lose("it is gone");
          else fail(new WorkerError("the worker ended while it started"));
        };
        spawn(locateFiles(base), snapshot, { onMessage, onError, onEnd }).then((port) => {
          if (connection.#end) port.end();
          connection.#port = port;
        }, fail);
      });
    } finally {
      if (abort) signal?.removeEventListener("abort", abort);
    }
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
      if (this.#end) throw this.#end;
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
      this.#port?.send({ id, method, args });
    });
  }

  /** Stops the worker; pending calls reject with this error. */
  close(error: Error): void {
    if (this.#end) return;
    this.#end = error;
    this.#port?.end();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#tell();
  }

  #lose(reason: string): void {
    this.close(new WorkerError(`the worker died: ${reason}; the next call starts another`));
  }

  #settle(message: Extract<Message, { type: "reply" | "refusal" }>): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === "reply") pending?.resolve(message.value);
    else pending?.reject(toError(message.error));
  }
}

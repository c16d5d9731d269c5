import { Connection, type RuntimeOptions } from "./connection.js";
import type { Answer, Call, Method, RuntimeInfo } from "../protocol/calls.js";
import { ClosedError } from "../protocol/errors.js";

/** Makes a router again as it was, in a worker that took another's place. */
export type Reopen = (connection: Connection) => Promise<unknown>;

/** A worker with Pyodide and the Python package in it; where it dies, the next call starts another. */
export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #routers = new Map<number, Reopen>();
  #info: RuntimeInfo;
  #current: Promise<Connection> | undefined;
  #closed = false;

  private constructor(connection: Connection, { base, snapshot }: RuntimeOptions) {
    this.#options = { ...(base !== undefined && { base }), ...(snapshot !== undefined && { snapshot }) };
    this.#info = connection.info;
    void this.#keep(Promise.resolve(connection));
  }

  static async start(options: RuntimeOptions = {}): Promise<Runtime> {
    return new Runtime(await Connection.start(options), options);
  }

  get info(): RuntimeInfo {
    return this.#info;
  }

  /** Has this done in every worker that takes another's place, until `detach`. */
  attach(router: number, reopen: Reopen): void {
    this.#routers.set(router, reopen);
  }

  detach(router: number): void {
    this.#routers.delete(router);
  }

  /** Calls a function of tiny_dancer_session. */
  async call<M extends Method>(method: M, args: Call["args"], signal?: AbortSignal): Promise<Answer<M>> {
    signal?.throwIfAborted();
    if (this.#closed) throw new ClosedError("the router was closed");
    const connection = await (this.#current ?? this.#keep(this.#restart()));
    return connection.call(method, args, signal);
  }

  /** Stops the worker; pending calls reject with a `ClosedError`. */
  close(): void {
    this.#closed = true;
    void this.#current?.then(
      (connection) => {
        connection.close(new ClosedError("the router was closed"));
      },
      () => undefined,
    );
  }

  async #restart(): Promise<Connection> {
    const connection = await Connection.start(this.#options);
    try {
      for (const reopen of this.#routers.values()) await reopen(connection);
    } catch (error) {
      connection.close(error as Error);
      throw error;
    }
    this.#info = connection.info;
    return connection;
  }

  /** Calls go to this connection until it ends; where it does not start, the next call tries again. */
  #keep(starting: Promise<Connection>): Promise<Connection> {
    const forget = () => {
      if (this.#current === starting) this.#current = undefined;
    };
    this.#current = starting;
    void starting.then(({ ended }) => ended).then(forget, forget);
    return starting;
  }
}

import { type RouterConfig } from "./config.js";
import { ClosedError, InvalidInputError } from "./errors.js";
import type { RouterInfo, RuntimeInfo } from "./protocol.js";
import { fromWire, type RoutingResponse } from "./response.js";
import { Runtime, type RuntimeOptions } from "./runtime.js";

export interface LoadOptions extends RuntimeOptions {
  readonly config?: RouterConfig;
  /** A bundle to use instead of the shipped one. */
  readonly model?: Uint8Array | ArrayBuffer;
}

export interface RouteRequest {
  readonly prompt: string;
  /** The promise rejects with the signal's reason; the answer is dropped. */
  readonly signal?: AbortSignal;
}

let shared: Runtime | undefined;
let routers = 0;

/** Starts the run time that `new Router(config)` uses; once for a page. */
export async function init(options: RuntimeOptions = {}): Promise<void> {
  shared ??= await Runtime.start(options);
}

/** Decides for a prompt whether the light model is good enough, inside this tab. */
export class Router {
  readonly #runtime: Runtime;
  readonly #number = ++routers;
  readonly #opened: Promise<RouterInfo>;
  #closed = false;

  /** A router on the run time of `init()`; `Router.load` starts its own. */
  constructor(config?: RouterConfig, options: Pick<LoadOptions, "model"> & { runtime?: Runtime } = {}) {
    const runtime = options.runtime ?? shared;
    if (!runtime) throw new InvalidInputError("new Router: `await init()` comes first, or Router.load");
    this.#runtime = runtime;
    const { model } = options;
    const bytes = model instanceof ArrayBuffer ? new Uint8Array(model) : model;
    const settings = JSON.stringify(config?.toPython() ?? {});
    this.#opened = runtime
      .call("open_router", [this.#number, settings, bytes])
      .then((json) => JSON.parse(json) as RouterInfo);
    this.#opened.catch(() => undefined); // reported by whoever awaits it
  }

  /** Starts a worker with the run time and a router in it; resolves when it can decide. */
  static async load({ config, model, ...options }: LoadOptions = {}): Promise<Router> {
    const runtime = await Runtime.start(options);
    try {
      const router = new Router(config, { runtime, ...(model && { model }) });
      await router.#opened;
      return router;
    } catch (error) {
      runtime.close();
      throw error;
    }
  }

  /** What runs here. */
  get runtime(): RuntimeInfo {
    return this.#runtime.info;
  }

  /** Resolves when the bundle is loaded; rejects where it or the settings are refused. */
  get ready(): Promise<RouterInfo> {
    return this.#opened;
  }

  async route(request: RouteRequest | string): Promise<RoutingResponse> {
    return fromWire(await this.routeWire(request));
  }

  /** The decision as JSON text in the wire format: what Python's `to_dict` gives, byte for byte. */
  async routeWire(request: RouteRequest | string): Promise<string> {
    const { prompt, signal } = checked(request);
    if (this.#closed) throw new ClosedError("the router was closed");
    await this.#opened;
    return this.#runtime.call("route", [this.#number, prompt], signal);
  }

  /** Frees the router, and its worker unless that is shared by `init()`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#runtime === shared) void this.#runtime.call("close_router", [this.#number]);
    else this.#runtime.close();
  }
}

/** Callers without types pass anything; what they get is an error that names the argument. */
function checked(request: unknown): RouteRequest {
  if (typeof request === "string") return { prompt: request };
  const { prompt, signal } = (request ?? {}) as Partial<RouteRequest>;
  if (typeof prompt !== "string") {
    throw new InvalidInputError(`prompt: a string is needed, got ${typeof prompt}`);
  }
  return signal ? { prompt, signal } : { prompt };
}

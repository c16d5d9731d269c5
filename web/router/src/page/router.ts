import type { Lease, Report } from "./breaker.js";
import type { Candidate } from "./candidate.js";
import { CandidateSet } from "./candidate-set.js";
import { type RouterConfig, toSnakeCaseFields } from "./config.js";
import { Decisions } from "./decisions.js";
import type { DecisionRecord, Imported, Metrics, Statistics } from "./history.js";
import { checkOptions, LOAD_OPTIONS, type LoadOptions, type ModelBytes, RUNTIME_OPTIONS, toBytes } from "./options.js";
import type { Outcome } from "./outcome.js";
import type { Answer, BundleFacts, Call, Method, Reloaded, RouterInfo, RuntimeInfo } from "../protocol/calls.js";
import { ClosedError, InvalidInputError } from "../protocol/errors.js";
import { checkRequest, checkText, encodeRequest, isPromptOnly, type RouteRequest } from "./request.js";
import { parseResponse, type RoutingResponse, toCamelCase } from "./response.js";
import type { Connection, RuntimeOptions } from "./connection.js";
import { Runtime } from "./runtime.js";
import { checkStorage, type StorageKind } from "./storage-kind.js";

/** Prompts that cross to the worker together. */
const BATCH = 64;

/** Absent in Node and in workers. */
const page = (globalThis as { document?: Document }).document;

let starting: Promise<Runtime> | undefined;
let shared: Runtime | undefined;
let routers = 0;

/** Starts the run time that `new Router(config)` uses: one for a page, however often it is called. */
export async function init(options: RuntimeOptions = {}): Promise<void> {
  checkOptions(options, RUNTIME_OPTIONS);
  starting ??= Runtime.start(options);
  try {
    shared = await starting;
  } catch (error) {
    starting = undefined; // the next call tries again
    throw error;
  }
}

/**
 * Decides for a prompt whether the light model is good enough, and which candidate fits best, inside
 * this tab.
 */
export class Router extends Decisions {
  readonly #runtime: Runtime;
  readonly #number = ++routers;
  readonly #candidates = new CandidateSet();
  readonly #settings: string;
  readonly #storage: StorageKind | undefined;
  #model: Uint8Array | undefined;
  #opened: Promise<RouterInfo>;
  #closed = false;
  /** A page that is hidden may be gone next: write what is queued. */
  readonly #hidden = () => {
    if (page?.visibilityState === "hidden") this.flush().catch(() => undefined);
  };

  /** A router on the run time of `init()`; `Router.load` starts its own. */
  constructor(
    config?: RouterConfig,
    options: Pick<LoadOptions, "model" | "storage"> & { runtime?: Runtime } = {},
  ) {
    super();
    const runtime = options.runtime ?? shared;
    if (!runtime) throw new InvalidInputError("new Router: `await init()` comes first, or Router.load");
    this.#runtime = runtime;
    this.#settings = JSON.stringify(config?.toPython() ?? {});
    this.#storage = checkStorage(options.storage);
    this.#model = toBytes(options.model);
    this.#opened = this.#open(runtime);
    this.#opened.catch(() => {
      runtime.detach(this.#number); // reported by whoever awaits it
    });
    runtime.attach(this.#number, async (connection) => {
      const opened = this.#open(connection);
      await opened;
      this.#opened = opened;
      await this.#candidates.restore((method, args) => connection.call(method, [this.#number, ...args]));
    });
    if (this.#storage) page?.addEventListener("visibilitychange", this.#hidden);
  }

  /** Starts a worker with the run time and a router in it; resolves when it can decide. */
  static async load(all: LoadOptions = {}): Promise<Router> {
    checkOptions(all, LOAD_OPTIONS);
    const { config, model, storage, ...options } = all;
    const runtime = await Runtime.start(options);
    try {
      const router = new Router(config, {
        runtime,
        ...(model && { model }),
        ...(storage && { storage }),
      });
      await router.#opened;
      return router;
    } catch (error) {
      runtime.close();
      throw error;
    }
  }

  /** Versions and sizes of the run time. */
  get runtime(): RuntimeInfo {
    return this.#runtime.info;
  }

  /** Resolves when the bundle is loaded; rejects where it or the settings are refused. */
  get ready(): Promise<RouterInfo> {
    return this.#opened;
  }

  async route(request: RouteRequest | string): Promise<RoutingResponse> {
    return parseResponse(await this.routeWire(request));
  }

  /** The decision as JSON text in the wire format: what Python's `to_dict` gives, byte for byte. */
  async routeWire(request: RouteRequest | string): Promise<string> {
    const checked = checkRequest(request);
    const { prompt, signal } = checked;
    if (isPromptOnly(checked)) return this.#call("route", [prompt], signal);
    return this.#call("route_request", encodeRequest(checked), signal);
  }

  /**
   * The decision by the numbers alone: breakers are ignored, nothing is counted or stored, and its
   * `decisionId` is empty. A lease is refused.
   */
  async score(request: RouteRequest | string): Promise<RoutingResponse> {
    const checked = checkRequest(request);
    return parseResponse(await this.#call("score", encodeRequest(checked), checked.signal));
  }

  /** Decides for many prompts, in order; they cross to the worker 64 at a time. */
  async *routeMany(
    prompts: Iterable<string> | AsyncIterable<string>,
    { signal }: Pick<RouteRequest, "signal"> = {},
  ): AsyncGenerator<RoutingResponse, void, undefined> {
    let at = 0;
    let batch: string[] = [];
    for await (const prompt of prompts) {
      batch.push(checkText(`prompts[${String(at++)}]`, prompt));
      if (batch.length < BATCH) continue;
      yield* await this.#routeBatch(batch, signal);
      batch = [];
    }
    if (batch.length > 0) yield* await this.#routeBatch(batch, signal);
  }

  /** A unit vector of the text; all zero where it has no token. */
  async embed(text: string, { signal }: Pick<RouteRequest, "signal"> = {}): Promise<Float32Array> {
    return this.#call("embed", [checkText("text", text)], signal);
  }

  /** Makes these the candidates, and no others; where one is malformed, the previous ones stay. */
  async setCandidates(candidates: readonly Candidate[]): Promise<void> {
    await this.#candidates.replace((method, args) => this.#call(method, args), candidates);
  }

  /** Adds a candidate, replaces the one of its name, or changes some fields of the one named. */
  async updateCandidate(candidate: Candidate): Promise<void>;
  async updateCandidate(id: string, changes: Partial<Candidate>): Promise<void>;
  async updateCandidate(candidate: Candidate | string, changes?: Partial<Candidate>): Promise<void> {
    await this.#candidates.update((method, args) => this.#call(method, args), candidate, changes);
  }

  /** Removes a candidate. */
  async removeCandidate(id: string): Promise<void> {
    await this.#candidates.remove((method, args) => this.#call(method, args), id);
  }

  /**
   * Loads another bundle, the shipped one unless bytes are given; the candidates stay. Where it is
   * refused, the previous one stays loaded.
   */
  async reloadModel(model?: ModelBytes): Promise<Reloaded> {
    const json = await this.#call("reload_model", [toBytes(model)]);
    const { info, ...hashes } = JSON.parse(json) as Reloaded & { info: RouterInfo };
    this.#model = toBytes(model);
    this.#opened = Promise.resolve(info);
    return hashes;
  }

  /** What is inside the loaded bundle, as `tiny-dancer inspect --json` prints it. */
  async inspect(): Promise<BundleFacts | null> {
    return this.#read("inspect", []);
  }

  /** Tells what happened to a call to a model, `light`, `powerful` or a name; feeds its breaker. */
  async report(model: string, { lease, ...fields }: Report): Promise<void> {
    const report = { ...toSnakeCaseFields(fields), ...(lease && { lease: toSnakeCaseFields(lease) }) };
    await this.#call("report", [model, JSON.stringify(report)]);
  }

  /** A lease for one probe of a half-open model; null where none is to be had or needed. */
  async lease(model: string): Promise<Lease | null> {
    return toCamelCase(await this.#read("lease", [model])) as Lease | null;
  }

  /** True healthy, false open or half-open, null where breakers are off. Changes nothing. */
  async circuitBreakerStatus(model = "light"): Promise<boolean | null> {
    return this.#read("circuit_breaker_status", [model]);
  }

  /** Seconds until the first of these models may be probed; null where that is not known. */
  async retryAfterS(...models: string[]): Promise<number | null> {
    return this.#read("retry_after_s", [JSON.stringify(models)]);
  }

  /** Queues how a decision turned out. */
  async recordOutcome(decisionId: string, outcome: Outcome): Promise<void> {
    await this.#call("record_outcome", [decisionId, JSON.stringify(toSnakeCaseFields(outcome))]);
  }

  /** Counters in memory since this router was made, with or without a store. */
  async metrics(): Promise<Metrics> {
    return toCamelCase(await this.#read("metrics", [])) as Metrics;
  }

  /** Totals since the store was made. */
  async stats(): Promise<Statistics> {
    return toCamelCase(await this.#read("stats", [])) as Statistics;
  }

  /** Decisions, the latest first. */
  async history(limit = 50, offset = 0): Promise<DecisionRecord[]> {
    return toCamelCase(await this.#read("history", [limit, offset])) as DecisionRecord[];
  }

  /** Writes everything that is queued; when it resolves, all that was decided before is stored. */
  async flush(): Promise<void> {
    await this.#call("flush", []);
  }

  /** The history as lines of JSON. */
  async exportHistory(): Promise<Blob> {
    return this.#call("export_history", []);
  }

  /** Adds the records of an export; those already there stay as they are. */
  async importHistory(file: Blob | string): Promise<Imported> {
    if (typeof file !== "string" && !(file instanceof Blob)) {
      throw new InvalidInputError("file: a Blob, a File or a string is needed");
    }
    return this.#read("import_history", [new Blob([file])]);
  }

  /** Deletes the history, shared states and the key of prompt hashes included. */
  async deleteAll(): Promise<void> {
    await this.#call("delete_all", []);
  }

  /**
   * Frees the router, and its worker unless that is shared by `init()`. Calls are refused at once;
   * the promise resolves when what was queued is stored.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#storage) page?.removeEventListener("visibilitychange", this.#hidden);
    try {
      if (this.#storage || this.#runtime === shared) {
        await this.#opened.then(() => this.#runtime.call("close_router", [this.#number]));
      }
    } finally {
      this.#runtime.detach(this.#number);
      if (this.#runtime !== shared) this.#runtime.close();
    }
  }

  async #open(place: Runtime | Connection): Promise<RouterInfo> {
    const json = await place.call("open_router", [this.#number, this.#settings, this.#model, this.#storage]);
    return JSON.parse(json) as RouterInfo;
  }

  async #routeBatch(prompts: string[], signal?: AbortSignal): Promise<RoutingResponse[]> {
    const json = await this.#call("route_many", [JSON.stringify(prompts)], signal);
    return toCamelCase(JSON.parse(json)) as RoutingResponse[];
  }

  async #call<M extends Method>(method: M, args: Call["args"], signal?: AbortSignal): Promise<Answer<M>> {
    if (this.#closed) throw new ClosedError("the router was closed");
    await this.#opened;
    return this.#runtime.call(method, [this.#number, ...args], signal);
  }

  protected ask<T>(method: Exclude<Method, "embed" | "export_history">, args: Call["args"]): Promise<T> {
    return this.#read(method, args);
  }

  /** The same for a reply that is JSON. */
  async #read<T>(method: Exclude<Method, "embed" | "export_history">, args: Call["args"]): Promise<T> {
    return JSON.parse(await this.#call(method, args)) as T;
  }
}

import { type Candidate, candidateFields, fieldsOf, type Vector, Vectors } from "./candidate.js";
import { type RouterConfig, snakeCased } from "./config.js";
import { ClosedError, InvalidInputError } from "./errors.js";
import { Feedback, type Lease } from "./feedback.js";
import type { Answer, BundleFacts, Call, Method, Reloaded, RouterInfo, RuntimeInfo } from "./protocol.js";
import { fromWire, type RoutingResponse, toResponse } from "./response.js";
import { Runtime, type RuntimeOptions } from "./runtime.js";

export interface LoadOptions extends RuntimeOptions {
  readonly config?: RouterConfig;
  /** A bundle to use instead of the shipped one. */
  readonly model?: ModelBytes;
  /** Where decisions are kept: in the browser's database, or as long as the worker lives. */
  readonly storage?: StorageKind;
}

export type StorageKind = "indexeddb" | "memory";

export type ModelBytes = Uint8Array | ArrayBuffer;

/** A prompt, a query vector, or both. */
export interface RouteRequest {
  readonly prompt?: string;
  /** Compared with the candidates' vectors; the prompt's own where left out. */
  readonly queryEmbedding?: Vector;
  /** What could serve it; those of `setCandidates` where left out. */
  readonly candidates?: readonly Candidate[];
  /** Candidates to return, 1 to 64; all, at most 64, where left out. */
  readonly topK?: number;
  /** Compared with the candidates' metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** From `lease`: a model that is half-open then takes this request as a probe. */
  readonly lease?: Lease;
  /** False decides by the numbers alone: no breaker is asked, nothing is counted or kept. */
  readonly record?: boolean;
  /** The promise rejects with the signal's reason; the answer is dropped. */
  readonly signal?: AbortSignal;
}

/** Prompts that cross to the worker together. */
const BATCH = 64;

let shared: Runtime | undefined;
let routers = 0;

/** Starts the run time that `new Router(config)` uses; once for a page. */
export async function init(options: RuntimeOptions = {}): Promise<void> {
  shared ??= await Runtime.start(options);
}

/**
 * Decides for a prompt whether the light model is good enough, and which candidate fits best, inside
 * this tab.
 */
export class Router extends Feedback {
  readonly #runtime: Runtime;
  readonly #number = ++routers;
  #opened: Promise<RouterInfo>;
  readonly #stores: boolean;
  #closed = false;
  /** A page that is hidden may be gone next: write what waits. */
  readonly #hidden = () => {
    if (document.visibilityState === "hidden") this.flush().catch(() => undefined);
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
    const settings = JSON.stringify(config?.toPython() ?? {});
    const storage = checkedStorage(options.storage);
    this.#opened = runtime
      .call("open_router", [this.#number, settings, bytesOf(options.model), storage])
      .then((json) => JSON.parse(json) as RouterInfo);
    this.#opened.catch(() => undefined); // reported by whoever awaits it
    this.#stores = storage !== undefined;
    if (this.#stores) document.addEventListener("visibilitychange", this.#hidden);
  }

  /** Starts a worker with the run time and a router in it; resolves when it can decide. */
  static async load({ config, model, storage, ...options }: LoadOptions = {}): Promise<Router> {
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
    const { signal, prompt, queryEmbedding, candidates, topK, metadata, lease, record } = checked(request);
    const rest = [queryEmbedding, candidates, topK, metadata, lease, record];
    if (prompt !== undefined && rest.every((value) => value === undefined)) {
      return this.call("route", [prompt], signal);
    }
    const vectors = new Vectors();
    const fields = JSON.stringify({
      prompt,
      query_embedding: queryEmbedding && vectors.add("queryEmbedding", queryEmbedding),
      candidates: candidates && candidateFields(candidates, vectors),
      top_k: topK,
      metadata,
      lease: lease && snakeCased(lease),
      record,
    });
    return this.call("route_request", [fields, vectors.joined()], signal);
  }

  /** Decides for many prompts, in order; they cross to the worker 64 at a time. */
  async *routeMany(
    prompts: Iterable<string> | AsyncIterable<string>,
    { signal }: Pick<RouteRequest, "signal"> = {},
  ): AsyncGenerator<RoutingResponse, void, undefined> {
    let at = 0;
    let batch: string[] = [];
    for await (const prompt of prompts) {
      batch.push(text(`prompts[${String(at++)}]`, prompt));
      if (batch.length < BATCH) continue;
      yield* await this.#routeBatch(batch, signal);
      batch = [];
    }
    if (batch.length > 0) yield* await this.#routeBatch(batch, signal);
  }

  /** A unit vector of the text; all zero where it has no token. */
  async embed(value: string, { signal }: Pick<RouteRequest, "signal"> = {}): Promise<Float32Array> {
    return this.call("embed", [text("text", value)], signal);
  }

  /** Holds these candidates from now on, and no others; where one is malformed, those before stay. */
  async setCandidates(candidates: readonly Candidate[]): Promise<void> {
    const vectors = new Vectors();
    const rows = JSON.stringify(candidateFields(candidates, vectors));
    await this.call("set_candidates", [rows, vectors.joined()]);
  }

  /** Adds a candidate, replaces the one of its name, or changes some fields of the one named. */
  async updateCandidate(candidate: Candidate): Promise<void>;
  async updateCandidate(id: string, changes: Partial<Candidate>): Promise<void>;
  async updateCandidate(candidate: Candidate | string, changes?: Partial<Candidate>): Promise<void> {
    const [name, fields] = typeof candidate === "string" ? [candidate, changes] : [undefined, candidate];
    const vectors = new Vectors();
    const row = JSON.stringify(fieldsOf(name === undefined ? "candidate" : "changes", fields, vectors));
    await this.call("update_candidate", [name, row, vectors.joined()]);
  }

  /** Lets a candidate go. */
  async removeCandidate(id: string): Promise<void> {
    await this.call("remove_candidate", [text("id", id)]);
  }

  /**
   * Puts another bundle into service, the shipped one unless bytes are given; the candidates stay.
   * Where it is refused, the one before stays.
   */
  async reloadModel(model?: ModelBytes): Promise<Reloaded> {
    const json = await this.call("reload_model", [bytesOf(model)]);
    const { info, ...hashes } = JSON.parse(json) as Reloaded & { info: RouterInfo };
    this.#opened = Promise.resolve(info);
    return hashes;
  }

  /** What is inside the bundle in service, as `tiny-dancer inspect --json` prints it. */
  async inspect(): Promise<BundleFacts | null> {
    return JSON.parse(await this.call("inspect", [])) as BundleFacts | null;
  }

  /**
   * Frees the router, and its worker unless that is shared by `init()`. Calls are refused at once;
   * the promise resolves when what waited is stored.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    document.removeEventListener("visibilitychange", this.#hidden);
    try {
      if (this.#stores || this.#runtime === shared) {
        await this.#opened.then(() => this.#runtime.call("close_router", [this.#number]));
      }
    } finally {
      if (this.#runtime !== shared) this.#runtime.close();
    }
  }

  async #routeBatch(prompts: string[], signal?: AbortSignal): Promise<RoutingResponse[]> {
    const json = await this.call("route_many", [JSON.stringify(prompts)], signal);
    return (JSON.parse(json) as unknown[]).map(toResponse);
  }

  protected async call<M extends Method>(
    method: M,
    args: Call["args"],
    signal?: AbortSignal,
  ): Promise<Answer<M>> {
    if (this.#closed) throw new ClosedError("the router was closed");
    await this.#opened;
    return this.#runtime.call(method, [this.#number, ...args], signal);
  }
}

/** Callers without types pass anything; what they get is an error that names the argument. */
function checked(request: unknown): RouteRequest {
  if (typeof request === "string") return { prompt: request };
  const given = (request ?? {}) as RouteRequest;
  if (given.prompt !== undefined || given.queryEmbedding === undefined) text("prompt", given.prompt);
  return given;
}

function text(where: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new InvalidInputError(`${where}: a string is needed, got ${typeof value}`);
}

function checkedStorage(storage: unknown): StorageKind | undefined {
  if (storage === undefined || storage === "indexeddb" || storage === "memory") return storage;
  throw new InvalidInputError(`storage: "indexeddb" or "memory" is needed, got ${JSON.stringify(storage)}`);
}

function bytesOf(model: unknown): Uint8Array | undefined {
  if (model === undefined || model instanceof Uint8Array) return model;
  if (model instanceof ArrayBuffer) return new Uint8Array(model);
  throw new InvalidInputError("model: a Uint8Array or an ArrayBuffer is needed");
}

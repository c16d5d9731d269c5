import { ClosedError, Router, RouterConfig, type RoutingResponse } from "../index.js";
import type { Answer, PrepareOptions, Usage } from "./answerer.js";
import { ask, type Attempt, type Failure, type Fallback, isOffline, type Place } from "./attempt.js";
import { Calibration } from "./calibration.js";
import { type Choice, choose, type HybridMode, type Side } from "./choice.js";
import { AnswererError, NotAvailableError, StaysHereError } from "./errors.js";
import { addCosts, computeCost } from "./money.js";
import { type HybridOptions, readOptions, type Settings } from "./options.js";
import { Parts } from "./parts.js";
import { copyRequest, type HybridRequest, type ToolCall } from "./request.js";
import { hasMatch } from "./stays-here.js";

/** An answer, and how it came about. */
export interface HybridAnswer {
  readonly text: string;
  readonly servedBy: Side;
  /** Name of the answerer. */
  readonly answerer: string;
  /** The router's; null where it failed. */
  readonly decision: RoutingResponse | null;
  /** Money of all calls made for it; null where a price or its tokens are not known. */
  readonly cost: number | null;
  /** What the powerful answerer would have cost, less `cost`; null where either is not known. */
  readonly saved: number | null;
  /** Why the one that was to be asked first did not serve; null where it did. */
  readonly fallback: Fallback | null;
  /** False where the confidence is about other models than these two. */
  readonly calibrated: boolean;
  /** True where the browser knew of no network. */
  readonly offline: boolean;
  /** True where `staysHere` matched, so that nobody but the light answerer was asked. */
  readonly staysHere: boolean;
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  readonly toolCalls: readonly ToolCall[];
}

/** The parts of an answer as they come. */
export interface AnswerStream extends AsyncIterableIterator<string> {
  /** The record of the answer once it is whole. */
  readonly result: Promise<HybridAnswer>;
}

/** A light answerer on this device, a powerful one behind it, and a router that decides between them. */
export class Hybrid {
  readonly #settings: Settings;
  readonly #router: Router;
  readonly #calibration: Calibration;
  readonly #closing = new AbortController();

  private constructor(settings: Settings, router: Router) {
    this.#settings = settings;
    this.#router = router;
    this.#calibration = new Calibration(router);
  }

  /** Starts a router, unless one is given; resolves when it can decide. */
  static async load(options: HybridOptions): Promise<Hybrid> {
    const settings = readOptions(options);
    const { router, load, prices } = settings;
    const config = load.config ?? (prices && new RouterConfig({ history: { prices } }));
    return new Hybrid(settings, router ?? (await Router.load({ ...load, ...(config && { config }) })));
  }

  get mode(): HybridMode {
    return this.#settings.mode;
  }

  /** What decides: its history, its breakers, `calibrate` and `adapt`. */
  get router(): Router {
    return this.#router;
  }

  /** The whole answer; one that is empty, cut off, refused or no JSON of its schema is asked for again. */
  async ask(request: string | HybridRequest): Promise<HybridAnswer> {
    return this.#serve(request);
  }

  /** The parts of the answer as they come; another answerer is asked only before the first part. */
  stream(request: string | HybridRequest): AnswerStream {
    const left = new AbortController();
    return new Parts(
      (take) => this.#serve(request, take, left.signal),
      () => {
        left.abort();
      },
    );
  }

  /** Downloads what the light answerer needs; call it from a user's gesture. Until then the cloud answers. */
  async prepare(options: PrepareOptions = {}): Promise<void> {
    this.#closing.signal.throwIfAborted();
    await this.#settings.light.answerer.prepare(options);
  }

  /** Ends calls that are under way, sessions, and the router unless it was given. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new ClosedError("the hybrid was closed"));
    const { light, powerful, router } = this.#settings;
    await Promise.all([light.answerer.close?.(), powerful.answerer.close?.(), router ?? this.#router.close()]);
  }

  async #serve(given: string | HybridRequest, take?: Attempt["take"], left?: AbortSignal): Promise<HybridAnswer> {
    this.#closing.signal.throwIfAborted();
    const request = copyRequest(given);
    const signals = [request.signal, left, this.#closing.signal].filter((one) => one !== undefined);
    const signal = AbortSignal.any(signals);
    signal.throwIfAborted();
    const staysHere = hasMatch(this.#settings.staysHere, request);
    const choice = await choose(this.#router, this.mode, request, staysHere, signal);
    const failures: Failure[] = [];
    for (const side of choice.order) {
      const begun = performance.now();
      const place = this.#settings[side];
      const answer = await ask(place, { router: this.#router, request, choice, signal, take });
      if (!("why" in answer)) {
        return this.#describe(place, choice, answer, failures, performance.now() - begun);
      }
      failures.push(answer);
      if (!answer.asksNext) break;
    }
    throw this.#fail(choice, failures);
  }

  async #describe(
    { side, answerer, price }: Place,
    { decision, staysHere }: Choice,
    { text, finishReason, usage, toolCalls = [] }: Answer,
    failures: readonly Failure[],
    latencyMs: number,
  ): Promise<HybridAnswer> {
    const cost = addCosts([...failures.map((failure) => failure.cost), computeCost(price, usage)]);
    const dear = computeCost(this.#settings.powerful.price, usage);
    if (decision) await this.#record(decision, side, latencyMs, usage, cost);
    return {
      text,
      servedBy: side,
      answerer: answerer.name,
      decision,
      cost,
      saved: dear === null || cost === null ? null : dear - cost,
      fallback: failures[0]?.why ?? null,
      calibrated: decision !== null && (await this.#calibration.isCalibrated(decision)),
      offline: isOffline(),
      staysHere,
      finishReason: finishReason ?? null,
      usage: usage ?? null,
      toolCalls,
    };
  }

  /** Keeps who served and what it cost, where the router keeps a history. */
  async #record(
    { decisionId }: RoutingResponse,
    model: Side,
    latencyMs: number,
    usage: Usage | undefined,
    cost: number | null,
  ): Promise<void> {
    try {
      const { stored } = await this.#router.ready;
      if (!stored) return;
      await this.#router.recordOutcome(decisionId, { model, latencyMs, ...usage, ...(cost !== null && { cost }) });
    } catch {
      // a history that fails stops no answer
    }
  }

  #fail({ staysHere }: Choice, failures: readonly Failure[]): Error {
    const causes = failures.map(({ error }) => error);
    const words = causes.map(({ message }) => message).join("; ");
    if (staysHere) return new StaysHereError(`the text matches staysHere, so it may not leave; ${words}`, causes);
    const [only] = causes;
    if (this.mode.startsWith("only-") && only instanceof NotAvailableError) {
      return new NotAvailableError(`mode ${this.mode}: ${only.message}`, { cause: only });
    }
    return new AnswererError(`nobody gave an answer: ${words}`, causes);
  }
}

/** One answerer is asked: whether it can be, what it answers, and what its breaker hears of it. */
import { type Lease, type Report, type Router, TinyDancerError } from "../index.js";
import { untilAborted } from "./abort.js";
import type { Answer, Answerer, Availability, Ending, Price, Question } from "./answerer.js";
import { assignBlame } from "./blame.js";
import type { Choice, Side } from "./choice.js";
import { NotAvailableError } from "./errors.js";
import { computeCost } from "./money.js";
import { type Copied, type Need, writeToolsAsText } from "./request.js";
import { type AnswerFault, findFault } from "./verification.js";

/** Why the first one in the order did not serve. */
export type Fallback =
  | Exclude<Availability, "available">
  | "offline"
  | "capability"
  | "breaker_open"
  | "failed"
  | AnswerFault;

/** An answerer in its place. */
export interface Place {
  readonly side: Side;
  readonly answerer: Answerer;
  readonly accepts: readonly Need[];
  readonly onDevice: boolean;
  readonly price: Price | undefined;
}

/** It did not serve. */
export interface Failure {
  readonly why: Fallback;
  readonly error: Error;
  /** What the call cost all the same. */
  readonly cost: number | null;
  /** False where nobody else would do better, or a part of the answer is out. */
  readonly asksNext: boolean;
}

export interface Attempt {
  readonly router: Router;
  readonly request: Copied;
  readonly choice: Choice;
  readonly signal: AbortSignal;
  /** Takes the parts of a stream; without it the answer comes whole, and is verified. */
  readonly take?: ((part: string) => void) | undefined;
}

/** True where the browser knows of no network. */
export function isOffline(): boolean {
  return (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine === false;
}

/** The answer, or why there is none. An abort rejects with the signal's reason, and nothing is reported. */
export async function ask(place: Place, attempt: Attempt): Promise<Answer | Failure> {
  const { router, request, signal, take } = attempt;
  const obstacle = await untilAborted(findObstacle(place, attempt), signal);
  if ("why" in obstacle) return obstacle;
  const question: Question = {
    messages: place.accepts.includes("tools") ? request.messages : writeToolsAsText(request.messages),
    ...(request.tools?.length && { tools: request.tools }),
    ...(request.schema && { schema: request.schema }),
    signal,
  };
  const begun = performance.now();
  let headMs: number | undefined;
  const tell = (report: Pick<Report, "ok" | "status" | "retryAfter">) => {
    const latencyMs = headMs ?? performance.now() - begun;
    const sent = { ...report, latencyMs, ...(obstacle.lease && { lease: obstacle.lease }) };
    router.report(place.side, sent).catch(() => undefined); // a router that fails stops no answer
  };
  let parts = 0;
  try {
    const answer = await call(place.answerer, question, take && ((part) => {
      headMs ??= performance.now() - begun;
      parts++;
      take(part);
    }));
    tell({ ok: true });
    return verify(place, request, answer, parts) ?? answer;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const { asksNext, report, isCapability } = assignBlame(error);
    if (report) tell({ ok: false, ...report });
    const why = isCapability ? "capability" : "failed";
    const cost = isRefused(error) ? 0 : computeCost(place.price, undefined);
    return { why, error: toError(error), cost, asksNext: asksNext && parts === 0 };
  }
}

/** Why it is not asked at all; else the lease that its breaker needs. */
async function findObstacle(place: Place, { router, request, choice }: Attempt): Promise<Failure | { lease: Lease | null }> {
  const { side, answerer, accepts, onDevice } = place;
  const missing = request.needs.filter((need) => !accepts.includes(need));
  if (missing.length > 0) return refuse(place, "capability", `takes no ${missing.join(" and no ")}`);
  if (!onDevice && choice.staysHere) return refuse(place, "capability", "is not on this device");
  if (!onDevice && isOffline()) return refuse(place, "offline", "the browser is offline");
  const availability = await answerer.availability();
  if (availability !== "available") return refuse(place, availability, AVAILABILITY_WORDS[availability]);
  if (choice.lease?.side === side) return choice.lease;
  const state = await router.circuitBreakerStatus(side).catch(() => null);
  if (state !== false) return { lease: null };
  const lease = await router.lease(side).catch(() => null);
  if (lease) return { lease };
  const seconds = await router.retryAfterS(side).catch(() => null);
  const wait = seconds === null ? "" : `; it may be asked again in ${seconds.toFixed(0)} s`;
  return refuse(place, "breaker_open", `failed too often of late${wait}`);
}

const AVAILABILITY_WORDS = {
  downloadable: "has to be downloaded first: call `prepare()` from a user's gesture",
  downloading: "is still being downloaded",
  unavailable: "is not available in this browser",
};

function refuse({ side, answerer }: Place, why: Fallback, words: string): Failure {
  const error = new NotAvailableError(`${side} (${answerer.name}): ${words}`);
  return { why, error, cost: 0, asksNext: true };
}

async function call(answerer: Answerer, question: Question, take?: (part: string) => void): Promise<Answer> {
  if (!take) return untilAborted(answerer.answer(question), question.signal);
  const iterator = (answerer.stream(question) as AsyncIterable<string, Ending | undefined>)[Symbol.asyncIterator]();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await untilAborted(iterator.next(), question.signal);
      if (done) return { ...value, text };
      if (value === "") continue;
      text += value;
      take(value);
    }
  } catch (error) {
    void Promise.resolve(iterator.return?.()).catch(() => undefined); // ends a call that goes on
    throw error;
  }
}

/** The failure that an answer is; null where it will do. Of a stream only one that is empty fails. */
function verify(place: Place, { schema }: Copied, answer: Answer, parts: number): Failure | null {
  if (parts > 0) return null;
  const fault = findFault(answer, schema);
  if (fault === null || !COUNTS[place.side].includes(fault)) return null;
  const error = new TinyDancerError(`${place.side} (${place.answerer.name}): ${FAULT_WORDS[fault]}`);
  return { why: fault, error, cost: computeCost(place.price, answer.usage), asksNext: true };
}

/** A refusal of the powerful one, and an answer that it cut off, are handed on: nobody knows better. */
const COUNTS: Readonly<Record<Side, readonly AnswerFault[]>> = {
  light: ["empty", "cut_off", "refused", "invalid_json"],
  powerful: ["empty", "invalid_json"],
};

const FAULT_WORDS: Readonly<Record<AnswerFault, string>> = {
  empty: "the answer is empty",
  cut_off: "the answer is cut off",
  refused: "it refuses to answer",
  invalid_json: "the answer is no JSON of this schema",
};

/** True where an upstream answered with an error, which costs nothing. */
function isRefused(error: unknown): boolean {
  return typeof (error as { status?: unknown } | null)?.status === "number";
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Whose fault a failed call is: what its breaker is told, and whether the next one is asked. */
import type { Report } from "../index.js";
import { NotAvailableError } from "./errors.js";

export interface Blame {
  /** False for a request that is malformed: the next one would refuse it too. */
  readonly asksNext: boolean;
  /** What a breaker is told; null where the call says nothing about its model's health. */
  readonly report: Pick<Report, "status" | "retryAfter"> | null;
  readonly isCapability: boolean;
}

const CAPABILITY_WORDS = /context.{0,20}(length|window|size)|too (many|long|large)|maximum.{0,20}(tokens|context)|(not|n't|only) support|unsupported/is;
const MODEL_WORDS = /model\b.{0,120}?(not found|not exist|doesn't exist)|api[ _-]?key/is;
const CONFIGURATION = [401, 402, 403, 404, 405, 407];

/** The blame for whatever an answerer threw. */
export function assignBlame(error: unknown): Blame {
  const { name, message, status, retryAfterS } = (error ?? {}) as Partial<Error> & Record<string, unknown>;
  const words = String(message);
  if (error instanceof NotAvailableError) return { asksNext: true, report: null, isCapability: false };
  if (name === "QuotaExceededError" || name === "NotSupportedError") return CAPABILITY; // of the browser's model
  if (typeof status !== "number") return { asksNext: true, report: {}, isCapability: false };
  if (status === 413 || ([400, 415, 422].includes(status) && CAPABILITY_WORDS.test(words))) return CAPABILITY;
  if (CONFIGURATION.includes(status) || (status === 400 && MODEL_WORDS.test(words))) {
    return { asksNext: true, report: {}, isCapability: false }; // without its status it counts
  }
  const isClients = status >= 400 && status < 500 && status !== 408 && status !== 429;
  if (isClients) return { asksNext: false, report: null, isCapability: false };
  const retryAfter = typeof retryAfterS === "number" ? { retryAfter: retryAfterS } : {};
  return { asksNext: true, report: { status, ...retryAfter }, isCapability: false };
}

const CAPABILITY: Blame = { asksNext: true, report: null, isCapability: true };

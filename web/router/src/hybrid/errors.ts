import { TinyDancerError } from "../index.js";

/** An answerer cannot be asked, and the mode allows no other: no model, no download yet, no network. */
export class NotAvailableError extends TinyDancerError {
  override name = "NotAvailableError";
}

/** The light answerer failed, and the text matches `staysHere`: nobody else was asked. */
export class StaysHereError extends TinyDancerError {
  override name = "StaysHereError";
  /** Why, of each answerer that could have been asked. */
  readonly causes: readonly Error[];

  constructor(message: string, causes: readonly Error[]) {
    super(message, { cause: causes.at(-1) });
    this.causes = causes;
  }
}

/** Nobody gave an answer. */
export class AnswererError extends TinyDancerError {
  override name = "AnswererError";
  /** Why, of each answerer that was or could have been asked, in that order. */
  readonly causes: readonly Error[];

  constructor(message: string, causes: readonly Error[]) {
    super(message, { cause: causes.at(-1) });
    this.causes = causes;
  }
}

/** A call to an OpenAI-compatible URL failed. */
export class UpstreamError extends TinyDancerError {
  override name = "UpstreamError";
  /** Of the response; absent where there was none or it was no answer. */
  readonly status: number | undefined;
  /** Seconds it asks to wait. */
  readonly retryAfterS: number | undefined;

  constructor(message: string, { status, retryAfterS, cause }: UpstreamFacts = {}) {
    super(message, { cause });
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

interface UpstreamFacts {
  readonly status?: number;
  readonly retryAfterS?: number | undefined;
  readonly cause?: unknown;
}

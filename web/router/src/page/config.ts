import { toSnakeCase } from "./candidate.js";

/** Settings of the circuit breakers; Python's `BreakerConfig` says what each means. */
export interface BreakerSettings {
  /** Failures in a row that open it; 5 unless set. */
  readonly consecutiveFailures?: number;
  /** Seconds of the rolling window of the two rates; 60 unless set. */
  readonly windowS?: number;
  readonly buckets?: number;
  readonly minCalls?: number;
  readonly failureRate?: number;
  readonly slowCallMs?: number | null;
  readonly slowRate?: number;
  /** Seconds it stays open the first time; 60 unless set. */
  readonly openS?: number;
  readonly backoff?: number;
  readonly maxOpenS?: number;
  readonly jitter?: number;
  readonly seed?: number;
  readonly retryAfterOpens?: boolean;
  readonly maxRetryAfterS?: number;
  readonly maxProbes?: number;
  readonly probeSuccesses?: number;
  readonly leaseS?: number;
}

/** Settings of the history; Python's `HistoryConfig` says what each means. */
export interface HistorySettings {
  readonly queue?: number;
  readonly batch?: number;
  /** Seconds that what is known of breakers and policies may be old; 5 unless set. */
  readonly viewAgeS?: number;
  /** Decisions older than so many seconds are deleted; none unless set. */
  readonly maxAgeS?: number | null;
  /** The newest so many are kept; 1,000,000 unless set. */
  readonly maxRecords?: number;
  /** False keeps no hash of the prompts. */
  readonly hashPrompts?: boolean;
  /** By model, money for a million tokens. */
  readonly prices?: Readonly<Record<string, { readonly tokensIn: number; readonly tokensOut: number }>>;
}

/** Settings of a router, with the names of Python's `RouterConfig`; an unset one keeps its default. */
export interface RouterSettings {
  /** Light only where confidence is at least this, in [0, 1]. */
  readonly confidenceThreshold?: number;
  /** Light only where uncertainty is at most this, in [0, 1]. */
  readonly maxUncertainty?: number;
  /** Level of `predictionSet`, in (0, 1); 0.90 unless set. */
  readonly level?: number;
  /** Tokens the model reads, 4 to 512; 512 unless set. */
  readonly maxTokens?: number;
  /** False switches the circuit breakers off. */
  readonly enableCircuitBreaker?: boolean;
  readonly breaker?: BreakerSettings;
  readonly history?: HistorySettings;
}

/**
 * Settings of a router. Ranges are checked where the router is made, by the same code as in Python.
 * The setters are for those who come from the earlier WebAssembly interface.
 */
export class RouterConfig {
  #settings: { -readonly [K in keyof RouterSettings]: RouterSettings[K] };

  constructor(settings: RouterSettings = {}) {
    this.#settings = { ...settings };
  }

  set_confidence_threshold(value: number): this {
    this.#settings.confidenceThreshold = value;
    return this;
  }

  set_max_uncertainty(value: number): this {
    this.#settings.maxUncertainty = value;
    return this;
  }

  set_level(value: number): this {
    this.#settings.level = value;
    return this;
  }

  set_max_tokens(value: number): this {
    this.#settings.maxTokens = value;
    return this;
  }

  /** The keyword arguments of Python's `RouterConfig`: only what was set. */
  toPython(): Record<string, unknown> {
    const { breaker, history, ...plain } = this.#settings;
    return {
      ...toSnakeCaseFields(plain),
      ...(breaker && { breaker: toSnakeCaseFields(breaker) }),
      ...(history && { history: toHistoryFields(history) }),
    };
  }
}

/** The models' names, which are keys too, stay as they are. */
function toHistoryFields({ prices, ...plain }: HistorySettings): Record<string, unknown> {
  const byModel = Object.entries(prices ?? {}).map(([model, price]) => [model, toSnakeCaseFields(price)]);
  return { ...toSnakeCaseFields(plain), ...(prices && { prices: Object.fromEntries(byModel) }) };
}

/** The fields that are set, as Python names them. */
export function toSnakeCaseFields(fields: object): Record<string, unknown> {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set.map(([name, value]) => [toSnakeCase(name), value]));
}

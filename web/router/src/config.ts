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
  toPython(): Record<string, number> {
    const { confidenceThreshold, maxUncertainty, level, maxTokens } = this.#settings;
    const named = {
      confidence_threshold: confidenceThreshold,
      max_uncertainty: maxUncertainty,
      level,
      max_tokens: maxTokens,
    };
    return Object.fromEntries(
      Object.entries(named).filter((entry): entry is [string, number] => entry[1] !== undefined),
    );
  }
}

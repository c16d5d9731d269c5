/** How a decision turned out; a later outcome adds to an earlier one. */
export interface Outcome {
  /** Quality in [0, 1] of the cheapest model's answer. */
  readonly lightScore?: number;
  /** The same of the dearest model's. */
  readonly powerfulScore?: number;
  /** The same by name, for bundles with more models. */
  readonly scores?: Readonly<Record<string, number>>;
  /** The model that answered; with prices in the configuration the cost follows from the tokens. */
  readonly model?: string;
  readonly cost?: number;
  readonly tokensIn?: number;
  readonly tokensOut?: number;
  readonly latencyMs?: number;
}

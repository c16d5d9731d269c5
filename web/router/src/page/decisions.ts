import { Trust } from "./trust.js";

/** A question of a decision model, as System One writes it; instructions are not read. */
export type Question =
  | { readonly type: "choice"; readonly criteria: Readonly<Record<string, unknown>> }
  | { readonly type: "noul" | "score" | "box" };

/** What the questions of one id mean: labels that stand for models, or the model that is asked about. */
export interface QuestionConfig {
  readonly labels?: Readonly<Record<string, string>>;
  readonly predicate?: string;
}

/** Answers with Python's names; those that were refused are left out. */
export interface Decided {
  readonly answers: Readonly<Record<string, DecidedAnswer>>;
  readonly refusals: readonly { readonly question: string; readonly message: string }[];
  readonly figures: Readonly<Record<string, string | number | readonly number[] | null>>;
}

export type DecidedAnswer =
  | { readonly type: "choice"; readonly choice: string; readonly probabilities: Readonly<Record<string, number>> }
  | { readonly type: "noul"; readonly noul: number };

/** A router asked as decision models are. */
export abstract class Decisions extends Trust {
  /** Answers typed questions about a text, messages, parts or any JSON; docs/decisions.md says which. */
  async decide(
    state: unknown,
    questions: Readonly<Record<string, Question>>,
    configs: Readonly<Record<string, QuestionConfig>> = {},
  ): Promise<Decided> {
    return this.ask("decide", [state, questions, configs].map((value) => JSON.stringify(value)));
  }
}

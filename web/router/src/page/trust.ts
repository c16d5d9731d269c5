import type { Call, Method } from "../protocol/calls.js";
import type { Drift } from "./history.js";
import { checkText } from "./request.js";
import { toCamelCase } from "./response.js";
import { toSnakeCaseFields } from "./config.js";

/** What a policy is to keep: quality of the powerful model's, money for 1,000 prompts, or a rate at most. */
export type Measure = "quality_kept" | "cost" | "regret" | "joint" | "selective" | "missed_failures";

export interface CalibrateOptions {
  /** Chance that the target does not hold although it is certified; 0.05. */
  readonly delta?: number;
  /** True counts only pairs that people marked, so that no judge has to be believed. */
  readonly byPeople?: boolean;
  /** False leaves the policy in service as it is. */
  readonly apply?: boolean;
  /** Money that one answer costs at most; for `cost` alone. */
  readonly largestCost?: number;
}

/** A certified policy, with Python's names, as policy files hold it. */
export type CertifiedPolicy = Readonly<Record<string, unknown>> & { readonly id: string; readonly threshold: number };

/** What became of the outcomes; docs/adapt.md. */
export interface Learned {
  readonly rung: "as shipped" | "two numbers" | "heads";
  readonly tried: readonly { readonly name: string; readonly logLoss: number; readonly margin: number }[];
  readonly n: number;
  readonly recalibrated: boolean;
  /** Of the bundle in service afterwards. */
  readonly bundleHash: string | null;
}

export interface Span {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The score less that of the prompt without these characters; null where nothing is left. */
  readonly effect: number | null;
}

export interface Explanation {
  readonly score: number | null;
  readonly threshold: number | null;
  readonly spans: readonly Span[];
  /** What is counted of the text, each in [0, 1). */
  readonly cues: Readonly<Record<string, number>>;
  readonly neighbours: { readonly n: number; readonly works: number } | null;
}

/** What a router does about its own promises, beside deciding. */
export abstract class Trust {
  protected abstract ask<T>(method: Exclude<Method, "embed" | "export_history">, args: Call["args"]): Promise<T>;

  /**
   * A policy that keeps the target but for a chance of `delta`, by the stored outcomes with a score of
   * both models. A PolicyError says how many are missing, and nothing changes.
   */
  async calibrate(measure: Measure, value: number, options: CalibrateOptions = {}): Promise<CertifiedPolicy> {
    return this.ask("calibrate", [measure, value, JSON.stringify(toSnakeCaseFields(options))]);
  }

  /** Fits the heads anew to the stored outcomes, where that wins; the new bundle is in service here. */
  async adapt(options: { readonly apply?: boolean } = {}): Promise<Learned> {
    return toCamelCase(await this.ask("adapt", [JSON.stringify(options)])) as Learned;
  }

  /** The monitors of the certified policy in service; null where there is none. */
  async drift(): Promise<Drift | null> {
    return toCamelCase(await this.ask("drift", [])) as Drift | null;
  }

  /** Goes by the certified policy again after an alarm. */
  async acknowledgeDrift(): Promise<Drift | null> {
    return toCamelCase(await this.ask("acknowledge_drift", [])) as Drift | null;
  }

  /** What moves the decision on a prompt; characters are counted as code points. */
  async explain(prompt: string): Promise<Explanation> {
    return toCamelCase(await this.ask("explain", [checkText("prompt", prompt)])) as Explanation;
  }

  /** Whether it is safe to switch on, from the stored history, with Python's names (docs/report.md). */
  async makeReport(): Promise<Readonly<Record<string, unknown>>> {
    return this.ask("make_report", []);
  }

  /** What another policy, as JSON text, would have done with the stored decisions, with Python's names. */
  async replay(policy: string): Promise<Readonly<Record<string, unknown>>> {
    return this.ask("replay", [checkText("policy", policy)]);
  }
}

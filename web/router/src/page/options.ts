import type { RouterConfig } from "./config.js";
import { InvalidInputError } from "../protocol/errors.js";
import type { RuntimeOptions } from "./connection.js";
import type { StorageKind } from "./storage-kind.js";

export interface LoadOptions extends RuntimeOptions {
  readonly config?: RouterConfig;
  /** A bundle to use instead of the shipped one. */
  readonly model?: ModelBytes;
  /** Where decisions are stored: in the browser's database, or as long as the worker lives. */
  readonly storage?: StorageKind;
}

export type ModelBytes = Uint8Array | ArrayBuffer;

export const RUNTIME_OPTIONS = ["base", "snapshot", "signal", "onProgress"];
export const LOAD_OPTIONS = [...RUNTIME_OPTIONS, "config", "model", "storage"];

/** Refuses an option that does not exist, and names the one most like it. */
export function checkOptions(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const nearest = known.reduce((best, other) => (countEdits(name, other) < countEdits(name, best) ? other : best));
    throw new InvalidInputError(`${name}: no such option; is \`${nearest}\` meant? There are ${known.join(", ")}`);
  }
}

/** Letters to add, drop or change between two names, upper and lower case alike. */
function countEdits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of Array.from(a.toLowerCase()).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b.toLowerCase()).entries()) {
      const [diagonal = 0, above = 0] = [row[j], row[j + 1]];
      next.push(Math.min(above + 1, (next[j] ?? 0) + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

export function toBytes(model: unknown): Uint8Array | undefined {
  if (model === undefined || model instanceof Uint8Array) return model;
  if (model instanceof ArrayBuffer) return new Uint8Array(model);
  throw new InvalidInputError("model: a Uint8Array or an ArrayBuffer is needed");
}

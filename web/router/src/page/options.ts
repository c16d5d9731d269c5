import type { RouterConfig } from "./config.js";
import { InvalidInputError } from "../protocol/errors.js";
import type { RuntimeOptions } from "./runtime.js";

export interface LoadOptions extends RuntimeOptions {
  readonly config?: RouterConfig;
  /** A bundle to use instead of the shipped one. */
  readonly model?: ModelBytes;
  /** Where decisions are stored: in the browser's database, or as long as the worker lives. */
  readonly storage?: StorageKind;
}

export type StorageKind = "indexeddb" | "memory";

export type ModelBytes = Uint8Array | ArrayBuffer;

export function checkStorage(storage: unknown): StorageKind | undefined {
  if (storage === undefined || storage === "indexeddb" || storage === "memory") return storage;
  throw new InvalidInputError(`storage: "indexeddb" or "memory" is needed, got ${JSON.stringify(storage)}`);
}

export function toBytes(model: unknown): Uint8Array | undefined {
  if (model === undefined || model instanceof Uint8Array) return model;
  if (model instanceof ArrayBuffer) return new Uint8Array(model);
  throw new InvalidInputError("model: a Uint8Array or an ArrayBuffer is needed");
}

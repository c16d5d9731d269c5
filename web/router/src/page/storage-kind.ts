import { InvalidInputError } from "../protocol/errors.js";

export type StorageKind = "indexeddb" | "memory";

export function checkStorage(storage: unknown): StorageKind | undefined {
  if (storage === undefined || storage === "indexeddb" || storage === "memory") return storage;
  throw new InvalidInputError(`storage: "indexeddb" or "memory" is needed, got ${JSON.stringify(storage)}`);
}

/** Base of all errors of this library; `name` is that of the Python error where one is behind it. */
export class TinyDancerError extends Error {
  override name = "TinyDancerError";
}

/** A call was malformed: a wrong type, size or range. The message names the argument. */
export class InvalidInputError extends TinyDancerError {
  override name = "InvalidInputError";
}

/** The bytes given as `model` are not a valid bundle. The message names the fault. */
export class BundleError extends TinyDancerError {
  override name = "BundleError";
}

/** A policy is malformed. */
export class PolicyError extends TinyDancerError {
  override name = "PolicyError";
}

/** The outcomes do not suffice to certify a target; the message says how many are missing. */
export class NotEnoughData extends PolicyError {
  override name = "NotEnoughData";
}

/** The WebAssembly kernel could not be started or failed a call. */
export class KernelError extends TinyDancerError {
  override name = "KernelError";
}

/** The history's store failed; the router goes on deciding. Base of the four below. */
export class StoreError extends TinyDancerError {
  override name = "StoreError";
}

/** No space is left for this site's data, or too many outcomes are queued. */
export class StoreFullError extends StoreError {
  override name = "StoreFullError";
}

/** Other tabs or processes keep the store busy. */
export class StoreLockedError extends StoreError {
  override name = "StoreLockedError";
}

/** A stored record is damaged. */
export class StoreCorruptError extends StoreError {
  override name = "StoreCorruptError";
}

/** A newer version of this library wrote the store, or the export. */
export class SchemaError extends StoreError {
  override name = "SchemaError";
}

/** The run time did not start: a file is missing or damaged, or the page forbids WebAssembly. */
export class LoadError extends TinyDancerError {
  override name = "LoadError";
}

/**
 * The worker died before it answered; whether the call was carried out is not known. The next call
 * starts another worker.
 */
export class WorkerError extends TinyDancerError {
  override name = "WorkerError";
}

/** The router was closed before it could answer. */
export class ClosedError extends TinyDancerError {
  override name = "ClosedError";
}

/** An error as it crosses from the worker. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
}

const CLASSES = {
  InvalidInputError,
  BundleError,
  PolicyError,
  NotEnoughData,
  KernelError,
  StoreError,
  StoreFullError,
  StoreLockedError,
  StoreCorruptError,
  SchemaError,
  LoadError,
  WorkerError,
  ClosedError,
};

/** The typed error for a record; an unknown name is kept on the base class. */
export function toError({ name, message }: ErrorRecord): TinyDancerError {
  if (name in CLASSES) return new CLASSES[name as keyof typeof CLASSES](message);
  const error = new TinyDancerError(message);
  error.name = name;
  return error;
}

/** The record of anything that was thrown. */
export function toRecord(error: unknown): ErrorRecord {
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: "Error", message: String(error) };
}

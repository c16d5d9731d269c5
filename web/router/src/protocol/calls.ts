import type { ErrorRecord } from "./errors.js";

/** Bytes of the run time that have arrived, after decompression. */
export interface Progress {
  readonly loaded: number;
  readonly total: number;
}

/** Versions and sizes of a started run time. */
export interface RuntimeInfo {
  /** Version of this library and of the Python package. */
  readonly version: string;
  readonly pyodide: string;
  readonly python: string;
  /** Milliseconds from the worker's first statement to the package imported. */
  readonly startMs: number;
  /** Bytes that were fetched, before compression. */
  readonly bytes: number;
  /** True where Python was restored from the memory image, false where it started plainly. */
  readonly snapshot: boolean;
}

/** Facts about a router. */
export interface RouterInfo {
  /** SHA-256 of the bundle, hexadecimal; null without a bundle. */
  readonly bundleHash: string | null;
  /** Names of the models, cheapest first. */
  readonly models: readonly string[];
  /** What computes the numbers; the twin where this engine lacks WebAssembly SIMD. */
  readonly scorer: "kernel" | "twin" | null;
  /** True where the bundle scores candidates. */
  readonly candidates: boolean;
  /** True where decisions are stored. */
  readonly stored: boolean;
  /** Why the requested store could not be opened; the router decides all the same. */
  readonly storageFault: ErrorRecord | null;
}

/** SHA-256 of the bundle before a reload and of the one after it. */
export interface Reloaded {
  readonly before: string | null;
  readonly after: string;
}

/** What is inside a bundle, section by section, with Python's names. */
export type BundleFacts = Readonly<
  Record<"bundle" | "tensors" | "config" | "policy" | "provenance", Readonly<Record<string, unknown>>>
>;

/** Functions of the Python package tiny_dancer_session. */
export type Method =
  | "open_router"
  | "route"
  | "route_request"
  | "route_many"
  | "decide"
  | "score"
  | "embed"
  | "set_candidates"
  | "update_candidate"
  | "remove_candidate"
  | "reload_model"
  | "inspect"
  | "report"
  | "lease"
  | "circuit_breaker_status"
  | "retry_after_s"
  | "record_outcome"
  | "metrics"
  | "drain"
  | "flush"
  | "stats"
  | "history"
  | "export_history"
  | "import_history"
  | "delete_all"
  | "calibrate"
  | "adapt"
  | "drift"
  | "acknowledge_drift"
  | "explain"
  | "make_report"
  | "replay"
  | "close_router";

/** What a function returns: JSON text, a vector or a file. */
export type Answer<M extends Method> = M extends "embed"
  ? Float32Array
  : M extends "export_history"
    ? Blob
    : string;

export interface Call {
  readonly id: number;
  readonly method: Method;
  readonly args: readonly (number | string | Uint8Array | Float32Array | Blob | undefined)[];
}

/** The files of the run time, by their names in its folder. */
export type FileName =
  | "heap.bin"
  | "kernel.wasm"
  | "pyodide.asm.mjs"
  | "pyodide.asm.wasm"
  | "stdlib.zip.bin"
  | "store.js"
  | "tiny_dancer.zip.bin"
  | "worker.js";

export type Files = Readonly<Record<FileName, string>>;

/** The first message to a worker: where its files are, and how to start from them. */
export interface Start {
  readonly files: Files;
  /** Restore Python from the memory image where that can be done. */
  readonly snapshot: boolean;
  /** Take only files whose SHA-256 is that of this version. */
  readonly verify: boolean;
  /** Lock to hold as long as the worker lives. */
  readonly lock: string;
}

/** What a worker sends. */
export type Message =
  | ({ readonly type: "progress" } & Progress)
  | { readonly type: "ready"; readonly info: RuntimeInfo }
  | { readonly type: "failed"; readonly error: ErrorRecord }
  | { readonly type: "died"; readonly reason: string }
  | { readonly type: "reply"; readonly id: number; readonly value: Answer<Method> }
  | { readonly type: "refusal"; readonly id: number; readonly error: ErrorRecord };

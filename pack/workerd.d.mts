/** What the library's run time inside workerd uses of workerd.mjs. */

/** Never fetched: what is asked for below it is lent. */
export declare const BASE: string;

export declare function giveBackProcess(): void;

/** Runs a start that asks for nothing but these files and settles in microtasks. */
export declare function withEnvironment<T>(
  files: Readonly<Record<string, ArrayBuffer>>,
  wasm: WebAssembly.Module,
  job: () => Promise<T>,
): Promise<T>;

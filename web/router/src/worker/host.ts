import type { FileName } from "../protocol/calls.js";

/** What a start needs of the place it happens in: a tab's worker or a thread of Node. */
export interface Host {
  /** Where Pyodide looks for its files, and the address of the library among them. */
  readonly indexURL: string;
  readonly stdLibURL: string;
  /** Bytes of all that is fetched. */
  readonly total: number;

  /** A file's bytes; where `whole`, only if its SHA-256 is that of this version. */
  read(name: FileName, whole?: boolean): Promise<Uint8Array>;

  /** @throws WebAssembly.CompileError where this engine cannot */
  compile(name: FileName): Promise<WebAssembly.Module>;

  importModule<T>(name: FileName): Promise<T>;

  /** Runs what calls Pyodide's loader, which gets these in place of what it asks for. */
  lend<T>(parts: { module: WebAssembly.Module; library: Uint8Array }, job: () => Promise<T>): Promise<T>;
}

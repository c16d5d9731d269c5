/** What the tab uses of boot.mjs. */
export declare const APP: string;
export declare const VERSION: string;

export interface Parts {
  readonly loadPyodide: (options: never) => Promise<unknown>;
  readonly createPyodideModule?: unknown;
  readonly indexURL: string;
  readonly stdLibURL: string;
  readonly files: Readonly<Record<string, Uint8Array | Promise<Uint8Array>>>;
}

/** Pyodide with the package on its path. */
export declare function startPlain(parts: Parts): Promise<unknown>;

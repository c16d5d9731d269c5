/** What the library's workers use of boot.mjs. */
export declare const APP: string;
export declare const VERSION: string;

export interface Parts {
  readonly loadPyodide: unknown;
  readonly createPyodideModule?: unknown;
  readonly indexURL: string;
  readonly stdLibURL: string;
  readonly files: Readonly<Record<string, Uint8Array | Promise<Uint8Array>>>;
}

/** What an image fits. */
export interface Meta {
  readonly pyodide: string;
  readonly buildId: string;
}

/** Pyodide with the package on its path. */
export declare function startPlain<Pyodide>(parts: Parts): Promise<Pyodide>;

/** The same from a memory image whose hash is known to be right. */
export declare function startFromImage<Pyodide>(parts: Parts, image: { meta: Meta; heap: Uint8Array }): Promise<Pyodide>;

/** Python's own generator is the same in every copy of an image until this is called. */
export declare function reseed(pyodide: unknown): void;

/** What runtime.mjs puts in while it bundles the worker. */

interface Build {
  /** Of this package. */
  readonly version: string;
  /** Bytes and SHA-256 (base64) of the other files of the run time, by name. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  /** What the memory image fits. */
  readonly image: object;
}

declare const BUILD: Build;

declare module "*.py" {
  const text: string;
  export default text;
}

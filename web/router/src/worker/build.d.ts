/** What runtime.mjs puts in while it bundles the worker. */

/** Version of this package, and bytes of what a worker fetches, before compression. */
declare const BUILD: { readonly version: string; readonly bytes: number };

declare module "*.py" {
  const text: string;
  export default text;
}

/** What hosts use of glue.mjs. */

/** The module that Python imports as `tiny_dancer_glue`, for a compiled kernel.wasm. */
export declare function createGlue(module: WebAssembly.Module): object;

/** What is beside runtime/workerd.js, as workerd imports it. */

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.bin" {
  const bytes: ArrayBuffer;
  export default bytes;
}

declare module "*.asm.mjs" {
  const createPyodideModule: unknown;
  export default createPyodideModule;
}

/**
 * The small wasm modules that Pyodide compiles while it starts: adapters of function signatures, the
 * call trampoline, the error marker. They are recorded when the pack is built and looked up by their
 * bytes in a Worker, where compiling bytes is refused inside a request.
 *
 * Without them a start only seems to work: Pyodide swallows the failure, and the function table of
 * CPython is hundreds of entries too short.
 */

/** Larger modules are never compiled at start. */
const MOST_BYTES = 4096;

/**
 * The probe for stack switching. It must stay unanswered: were it compiled, Pyodide would half enable
 * what no Worker can do.
 */
const PROBE_BYTES = 8;

/** @param {BufferSource} bytes */
export function toKey(bytes) {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  return Array.from(view, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Wraps what compiles wasm, until `stop` is called.
 *
 * @returns {{ modules: Map<string, Uint8Array>, stop(): void }} what was compiled, by its key
 */
export function record() {
  const { Module, compile } = WebAssembly;
  const modules = new Map();
  const note = (bytes) => {
    const size = bytes.byteLength;
    if (PROBE_BYTES < size && size <= MOST_BYTES) modules.set(toKey(bytes), new Uint8Array(Buffer.from(toKey(bytes), "hex")));
  };
  WebAssembly.Module = new Proxy(Module, {
    construct(target, args, self) {
      note(args[0]);
      return Reflect.construct(target, args, self);
    },
  });
  WebAssembly.compile = (bytes) => {
    note(bytes);
    return compile.call(WebAssembly, bytes);
  };
  const stop = () => Object.assign(WebAssembly, { Module, compile });
  return { modules, stop };
}

/**
 * Answers requests to compile from the recorded modules. Stays in place; what is not recorded goes to
 * the real functions. All answers come in microtasks: nothing else may be awaited at global scope.
 *
 * @param {ReadonlyMap<string, WebAssembly.Module>} modules by key
 */
export function supply(modules) {
  const { Module, compile, instantiate } = WebAssembly;
  WebAssembly.Module = new Proxy(Module, {
    construct: (target, args, self) => modules.get(toKey(args[0])) ?? Reflect.construct(target, args, self),
  });
  WebAssembly.compile = async (bytes) => modules.get(toKey(bytes)) ?? compile.call(WebAssembly, bytes);
  WebAssembly.instantiate = async (source, imports) =>
    source instanceof Module
      ? new WebAssembly.Instance(source, imports)
      : instantiate.call(WebAssembly, source, imports);
}

import type { Host } from "./host.js";
import type { FileName, Progress, Start } from "../protocol/calls.js";
import { LoadError } from "../protocol/errors.js";
import { describePolicyFault, explainFault, type Kind } from "../protocol/fault.js";

const REPORT_EVERY_MS = 50;
/** Never fetched: what Pyodide asks for below it is lent to it. */
const BASE = "https://pyodide.invalid/";
const LIBRARY = `${BASE}stdlib.zip`;
/** Files that are fetched; the others are imported, and no one can count those. */
const FETCHED: readonly FileName[] = ["pyodide.asm.wasm", "stdlib.zip.bin", "tiny_dancer.zip.bin", "kernel.wasm"];

interface Violation {
  readonly blockedURI: string;
  readonly effectiveDirective: string;
}

/** A worker of a page: its files come over the network, and are counted. */
export class Tab implements Host {
  readonly indexURL = BASE;
  readonly stdLibURL = LIBRARY;
  readonly total: number;
  readonly #start: Start;
  readonly #onProgress: (progress: Progress) => void;
  /** Directives of the page's policy by the address they blocked. */
  readonly #blocked = new Map<string, string>();
  #loaded = 0;
  #reported = -REPORT_EVERY_MS;

  constructor(start: Start, onProgress: (progress: Progress) => void) {
    const names = start.snapshot ? [...FETCHED, "heap.bin"] : FETCHED;
    this.total = names.reduce((sum, name) => sum + (BUILD.files[name]?.bytes ?? 0), 0);
    this.#start = start;
    this.#onProgress = onProgress;
    globalThis.addEventListener("securitypolicyviolation", (event) => {
      const { blockedURI, effectiveDirective } = event as Event & Violation;
      this.#blocked.set(blockedURI, effectiveDirective);
    });
  }

  async read(name: FileName, whole = false): Promise<Uint8Array> {
    return new Uint8Array(await (await this.#fetch(name, "data", whole)).arrayBuffer());
  }

  async compile(name: FileName): Promise<WebAssembly.Module> {
    const response = await this.#fetch(name, "wasm");
    try {
      return await WebAssembly.compileStreaming(response);
    } catch (error) {
      const fault = describePolicyFault(error);
      if (fault ?? error instanceof WebAssembly.CompileError) throw fault ?? error;
      throw await this.#explain(name, "wasm", String(error));
    }
  }

  async importModule<T>(name: FileName): Promise<T> {
    const url = this.#start.files[name];
    try {
      if (!this.#start.verify) return (await import(url)) as T;
      const code = await this.#fetch(name, "script");
      const own = URL.createObjectURL(new Blob([await code.arrayBuffer()], { type: "text/javascript" }));
      return (await import(own)) as T;
    } catch (error) {
      if (error instanceof LoadError) throw error;
      throw await this.#explain(name, "script", `cannot be imported: ${String(error)}`);
    }
  }

  async lend<T>({ module, library }: { module: WebAssembly.Module; library: Uint8Array }, job: () => Promise<T>): Promise<T> {
    const { fetch } = globalThis;
    const { instantiateStreaming } = WebAssembly;
    let fail: (error: unknown) => void = () => undefined;
    const failure = new Promise<never>((_, reject) => (fail = reject));
    globalThis.fetch = (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      if (!url.startsWith(BASE)) return fetch(input, init);
      return Promise.resolve(new Response(url === LIBRARY ? (library as Uint8Array<ArrayBuffer>) : null));
    };
    WebAssembly.instantiateStreaming = async (_source, imports) => {
      try {
        return { module, instance: await WebAssembly.instantiate(module, imports) };
      } catch (error) {
        fail(error);
        throw error;
      }
    };
    try {
      return await Promise.race([job(), failure]);
    } finally {
      globalThis.fetch = fetch;
      WebAssembly.instantiateStreaming = instantiateStreaming;
    }
  }

  /**
   * The response as it came, whose bytes are counted on a copy: only so the browser keeps the compiled
   * code of a wasm file.
   */
  async #fetch(name: FileName, kind: Kind, whole = false): Promise<Response> {
    const url = this.#start.files[name];
    const sha256 = BUILD.files[name]?.sha256;
    const verify = (whole || this.#start.verify) && sha256 !== undefined;
    let response;
    try {
      response = await fetch(url, verify ? { integrity: `sha256-${sha256}` } : {});
    } catch (error) {
      const other = verify ? `its SHA-256 is not that of version ${BUILD.version}` : String(error);
      throw await this.#explain(name, kind, other);
    }
    if (!response.ok) throw await this.#explain(name, kind, "");
    void this.#count(response.clone()).catch(() => undefined); // whoever reads the response is told
    return response;
  }

  async #explain(name: FileName, kind: Kind, why: string): Promise<LoadError> {
    await new Promise((resolve) => setTimeout(resolve)); // the policy's event may follow the error
    const url = this.#start.files[name];
    return explainFault(url, kind, why, this.#blocked.get(url));
  }

  /** Reports at most every 50 ms, and the end. */
  async #count({ body }: Response): Promise<void> {
    const reader = body?.getReader();
    for (;;) {
      const read = await reader?.read();
      if (!read || read.done) return;
      this.#loaded = Math.min(this.#loaded + read.value.byteLength, this.total);
      const now = performance.now();
      if (now - this.#reported < REPORT_EVERY_MS && this.#loaded < this.total) continue;
      this.#reported = now;
      this.#onProgress({ loaded: this.#loaded, total: this.total });
    }
  }
}

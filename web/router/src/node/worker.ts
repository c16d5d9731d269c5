/** The worker thread of Node. */
import { readFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";
import type { FileName, Files, Message, Progress } from "../protocol/calls.js";
import { LoadError } from "../protocol/errors.js";
import type { Host } from "../worker/host.js";
import { Server } from "../worker/server.js";
import { startPython } from "../worker/start.js";

const FETCHED: readonly FileName[] = ["pyodide.asm.wasm", "stdlib.zip.bin", "tiny_dancer.zip.bin", "kernel.wasm", "heap.bin"];

function explain(file: string, what: string, cause: unknown): LoadError {
  const right = "`base` has to be the folder with all files of tiny-dancer-stage";
  return new LoadError(`${file}: ${what}: ${String(cause)}; ${right}`, { cause });
}

/** Files on a disk. */
class Disk implements Host {
  readonly indexURL: string;
  readonly stdLibURL: string;
  readonly total: number;
  readonly #files: Files;
  readonly #onProgress: (progress: Progress) => void;
  #loaded = 0;

  constructor(files: Files, snapshot: boolean, onProgress: (progress: Progress) => void) {
    this.#files = files;
    this.stdLibURL = fileURLToPath(files["stdlib.zip.bin"]);
    this.indexURL = fileURLToPath(new URL("./", files["pyodide.asm.wasm"]));
    const names = FETCHED.filter((name) => snapshot || name !== "heap.bin");
    this.total = names.reduce((sum, name) => sum + (BUILD.files[name]?.bytes ?? 0), 0);
    this.#onProgress = onProgress;
  }

  async read(name: FileName, whole = false): Promise<Uint8Array<ArrayBuffer>> {
    const file = fileURLToPath(this.#files[name]);
    const bytes = new Uint8Array(
      await readFile(file).catch((cause: unknown) => {
        throw explain(file, "cannot be read", cause);
      }),
    );
    this.#loaded += bytes.length;
    this.#onProgress({ loaded: Math.min(this.#loaded, this.total), total: this.total });
    const sha256 = BUILD.files[name]?.sha256;
    if (whole && createHash("sha256").update(bytes).digest("base64") !== sha256) {
      throw new LoadError(`${file}: its SHA-256 is not that of version ${BUILD.version}`);
    }
    return bytes;
  }

  async compile(name: FileName): Promise<WebAssembly.Module> {
    return WebAssembly.compile(await this.read(name));
  }

  async importModule<T>(name: FileName): Promise<T> {
    return (await import(this.#files[name]).catch((cause: unknown) => {
      throw explain(fileURLToPath(this.#files[name]), "cannot be imported", cause);
    })) as T;
  }

  /** Pyodide reads its two files itself here; its module is compiled already. */
  async lend<T>({ module }: { module: WebAssembly.Module }, job: () => Promise<T>): Promise<T> {
    const { instantiate } = WebAssembly;
    const lent = async (source: WebAssembly.Module | BufferSource, imports?: WebAssembly.Imports) => {
      if (source instanceof WebAssembly.Module) return instantiate(source, imports);
      return { module, instance: await instantiate(module, imports) };
    };
    WebAssembly.instantiate = lent as typeof instantiate;
    try {
      return await job();
    } finally {
      WebAssembly.instantiate = instantiate;
    }
  }
}

const send = (message: Message) => {
  parentPort?.postMessage(message);
};
const close = () => {
  process.exit(1); // of this thread
};

const server = new Server({ send, close }, ({ files, snapshot }) => {
  const disk = new Disk(files, snapshot, (progress) => {
    send({ type: "progress", ...progress });
  });
  return startPython(disk, snapshot);
});

parentPort?.on("message", (data: Parameters<Server["receive"]>[0]) => {
  server.receive(data);
});

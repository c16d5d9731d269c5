import { makeLock } from "./lock.js";
import { trust, watchPolicy } from "./policy.js";
import type { Call, Files, Message, Start } from "../protocol/calls.js";
import { LoadError } from "../protocol/errors.js";
import { explainFault } from "../protocol/fault.js";

/** One worker, as its router sees it. */
export interface Port {
  send(message: Call): void;
  end(): void;
}

/** What is told about a worker. */
export interface Listener {
  onMessage(message: Message): void;
  /** It could not be loaded, or something in it was thrown and not caught. */
  onError(error: LoadError): void;
  /** It is gone without a word. */
  onEnd(): void;
}

/** SHA-256 of worker.js, base64; client.mjs puts it in. */
declare const WORKER_SHA256: string;

/** Starts a module worker; one of another origin by way of a blob, and only with the bytes of this version. */
export async function spawn(files: Files, snapshot: boolean, listener: Listener): Promise<Port> {
  const url = files["worker.js"];
  const away = new URL(url).origin !== location.origin; // a page may only start a worker of its own
  const address = away ? await fetchWorker(url) : url;
  const blocks = watchPolicy();
  const explain = async (why: string) => {
    await new Promise((resolve) => setTimeout(resolve)); // the policy's event may follow the error's
    blocks.stop();
    return explainFault(blocks.found ? address : url, "script", why, blocks.found);
  };
  let worker: Worker;
  try {
    worker = new Worker(trust(address), { type: "module", name: "tiny-dancer" });
  } catch (error) {
    throw error instanceof LoadError ? error : await explain(`cannot run as a worker: ${String(error)}`);
  }
  const lock = makeLock();
  worker.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.type === "ready") {
      blocks.stop();
      lock.watch(() => {
        listener.onEnd();
      });
    }
    listener.onMessage(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    void explain(event.message || "cannot run as a worker").then((error) => {
      listener.onError(error);
    });
  };
  const start: Start = { files, snapshot, verify: away, lock: lock.name };
  worker.postMessage(start);
  return {
    send(call) {
      worker.postMessage(call);
    },
    end() {
      lock.stop();
      blocks.stop();
      worker.terminate();
      if (away) URL.revokeObjectURL(address);
    },
  };
}

/** Address of a blob with the worker's code. */
async function fetchWorker(url: string): Promise<string> {
  let response;
  try {
    response = await fetch(url, { integrity: `sha256-${WORKER_SHA256}` });
  } catch {
    throw await explainFault(url, "script", "its SHA-256 is not the one that this version of tiny-dancer has");
  }
  if (!response.ok) throw await explainFault(url, "script", "");
  const code = await response.arrayBuffer();
  return URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
}

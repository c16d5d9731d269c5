import type { Progress } from "../protocol/calls.js";
import { LoadError } from "../protocol/errors.js";

const REPORT_EVERY_MS = 50;

/**
 * Runs a job whose downloads are counted and whose failures are loud.
 *
 * Pyodide logs a failed download or compilation and then waits for ever, so both are watched here:
 * while the job runs, `fetch` and `WebAssembly.instantiateStreaming` of this worker are wrapped.
 *
 * @param known addresses to fetch in place of others
 */
export async function watchDownloads<T>(
  known: Readonly<Record<string, string>>,
  onProgress: (progress: Progress) => void,
  job: () => Promise<T>,
): Promise<T> {
  const { fetch } = globalThis;
  const { instantiateStreaming } = WebAssembly;
  const count = makeCounter(BUILD.bytes, onProgress);
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => (fail = reject));
  globalThis.fetch = async (input, init) => {
    const source = input instanceof Request ? input : (known[String(input)] ?? input);
    try {
      return await countBytes(await fetch(source, init), count);
    } catch (error) {
      fail(error instanceof LoadError ? error : toLoadError(source, error));
      throw error;
    }
  };
  WebAssembly.instantiateStreaming = async (source, imports) => {
    try {
      return await instantiateStreaming.call(WebAssembly, source, imports);
    } catch (error) {
      fail(describePolicyFault(error) ?? new LoadError(`Pyodide does not start: ${String(error)}`));
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

/** Sums bytes; reports at most every 50 ms, and the end. */
function makeCounter(total: number, onProgress: (progress: Progress) => void): (bytes: number) => void {
  let loaded = 0;
  let reported = -REPORT_EVERY_MS;
  return (bytes) => {
    loaded += bytes;
    const now = performance.now();
    if (now - reported < REPORT_EVERY_MS && loaded < total) return;
    reported = now;
    onProgress({ loaded, total });
  };
}

async function countBytes(response: Response, count: (bytes: number) => void): Promise<Response> {
  if (!response.ok) {
    await response.body?.cancel();
    throw new LoadError(`${response.url}: the server responded with status ${String(response.status)}`);
  }
  if (!response.body) return response;
  const tap = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      count(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  const { status, headers } = response;
  return new Response(response.body.pipeThrough(tap), { status, headers });
}

function toLoadError(input: RequestInfo | URL, cause: unknown): LoadError {
  const url = input instanceof Request ? input.url : String(input);
  return new LoadError(`${url}: cannot be reached`, { cause });
}

/** The error where the page's policy forbids WebAssembly; undefined for any other fault. */
export function describePolicyFault(error: unknown): LoadError | undefined {
  if (!/unsafe-eval|content security|\bcsp\b|disallowed by embedder/i.test(String(error))) return;
  return new LoadError(
    "this page's Content-Security-Policy forbids WebAssembly: script-src needs 'wasm-unsafe-eval'",
    { cause: error },
  );
}

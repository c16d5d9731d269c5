/** One request: from workerd's Request to Python and back. */
import { Body } from "./upstream.mjs";

/**
 * @param {any} entry the module of tiny_dancer_worker.py
 * @param {Request} request
 * @param {{ waitUntil(promise: Promise<unknown>): void }} context
 * @param {"image" | "plain"} start how Python started; told in a header
 * @returns {Promise<Response>}
 */
export async function serve(entry, request, context, start) {
  const exchange = new Exchange(entry, request);
  // Whatever becomes of the client: what waits to be written is written.
  context.waitUntil(exchange.over.then(() => entry.after()));
  request.signal?.addEventListener("abort", () => void exchange.leave());
  let body = null;
  try {
    const [status, fields, whole] = await exchange.answer();
    if (!whole) body = exchange.stream();
    else if (whole.length > 0) body = whole;
    return new Response(body, { status, headers: [...JSON.parse(fields), ["x-tiny-dancer-start", start]] });
  } finally {
    if (!(body instanceof ReadableStream)) exchange.end();
  }
}

class Exchange {
  /** tiny_dancer_worker.py's Exchange; undefined once it is over. */
  #python;
  #over = Promise.withResolvers();

  constructor(entry, { method, url, headers, body }) {
    const fields = JSON.stringify(Object.fromEntries(headers));
    const { pathname, search } = new URL(url);
    this.#python = entry.Exchange(method, pathname, search.slice(1), fields, new Body(body));
    this.over = this.#over.promise;
  }

  /** Status, headers as JSON, and the body, where it comes in one piece. */
  answer() {
    return this.#python.answer();
  }

  /**
   * The pieces that Python gives. They are written, not pulled: workerd pulls no more once a client
   * has left, and cancels nothing, but the next write fails, so that what the answer cost is kept.
   */
  stream() {
    const { readable, writable } = new IdentityTransformStream();
    void this.#pump(writable.getWriter());
    return readable;
  }

  async #pump(writer) {
    writer.closed.catch(() => undefined); // the write says so too
    try {
      let piece;
      while ((piece = await this.#python?.next())) await writer.write(piece);
      await writer.close();
      this.end();
    } catch (error) {
      await writer.abort(error).catch(() => undefined); // where the client has left, it is aborted
      await this.leave();
    }
  }

  /** The client went away. */
  async leave() {
    await this.#python?.leave().catch(() => undefined);
    this.end();
  }

  end() {
    this.#python?.destroy();
    this.#python = undefined;
    this.#over.resolve();
  }
}

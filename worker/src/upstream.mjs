/** Bodies and calls of upstreams, for tiny_dancer_upstream.py: what crosses are numbers, text and bytes. */

/** A body piece by piece. */
export class Body {
  #reader;

  /** @param {ReadableStream<Uint8Array> | null} stream */
  constructor(stream) {
    this.#reader = stream?.getReader();
  }

  /** @returns {Promise<Uint8Array | undefined>} undefined at the end */
  async next() {
    return (await this.#reader?.read())?.value;
  }
}

/** A POST to an upstream. */
export class Upstream {
  #abort = new AbortController();
  #request;
  #response;
  #body;

  /**
   * @param {string} url
   * @param {string} headers JSON, pairs
   * @param {Uint8Array} body
   */
  constructor(url, headers, body) {
    const { signal } = this.#abort;
    const method = "POST";
    this.#request = () => fetch(url, { method, headers: JSON.parse(headers), body, signal, redirect: "manual" });
  }

  /** Settles when the headers are there. */
  async open() {
    this.#response = await this.#request();
    this.#body = new Body(this.#response.body);
  }

  get status() {
    return this.#response.status;
  }

  /** JSON, pairs with names in small letters. */
  get headers() {
    return JSON.stringify([...this.#response.headers]);
  }

  /** @returns {Promise<Uint8Array | undefined>} undefined at the end */
  next() {
    return this.#body.next();
  }

  abort() {
    this.#abort.abort();
  }
}

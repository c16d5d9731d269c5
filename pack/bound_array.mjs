/**
 * Python arrays that JavaScript sees for as long as they are bound.
 *
 * Pyodide's memory may grow, and growth detaches every view of it: a detached view has length zero, which is looked at
 * before each use.
 *
 * @typedef {{ readonly data: Uint8Array, release(): void }} BufferView
 * @typedef {{ getBuffer(type: "u8"): BufferView, copy(): BufferProxy, destroy(): void }} BufferProxy
 *   a Python object with the buffer protocol, as Pyodide hands it over
 */

/** A Python array seen from JavaScript for as long as it is bound. */
export class BoundArray {
  /** @type {BufferProxy} */
  #proxy;
  /** @type {BufferView} */
  #view;

  /** @param {BufferProxy} proxy */
  constructor(proxy) {
    this.#proxy = proxy.copy();
    this.#view = this.#proxy.getBuffer("u8");
    this.bytes = this.#view.data;
  }

  renew() {
    this.#view.release();
    this.#view = this.#proxy.getBuffer("u8");
    this.bytes = this.#view.data;
  }

  words() {
    return new Uint32Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length >> 2);
  }

  close() {
    this.#view.release();
    this.#proxy.destroy();
  }
}

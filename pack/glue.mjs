/**
 * Python's way to the kernel: one call without arguments a decision.
 *
 * `pyodide.registerJsModule("tiny_dancer_glue", createGlue(module))` makes it importable in Python,
 * where py/tiny_dancer/hosts/pyodide.py opens one kernel a model. Node, the tab and a Worker load this
 * same file; it is a module of theirs, never text that is evaluated.
 *
 * Both memories may grow, and growth detaches every view of the one that grew: a detached view has
 * length zero, which is looked at before each use.
 *
 * @typedef {import("./bound_array.mjs").BufferProxy} BufferProxy a Python object with the buffer protocol
 *
 * @typedef {{ capacity: number, arrays: number[] }} Set addresses of a set's arrays
 *
 * @typedef {object} Exports docs/kernel.md, section 1
 * @property {WebAssembly.Memory} memory
 * @property {(() => void) | undefined} [_initialize]
 * @property {() => number} td_abi
 * @property {() => number} td_unicode
 * @property {(bytes: number) => number} td_alloc
 * @property {(address: number, bytes: number) => number} td_load
 * @property {() => number} td_block
 * @property {() => number} td_result
 * @property {() => number} td_run
 * @property {(set: number, capacity: number, dimension: number, format: number) => number} td_candidates
 * @property {(set: number, which: number) => number} td_array
 * @property {(set: number, first: number, n: number) => number} td_commit
 * @property {(first: number, n: number) => number} td_part
 */

import { BoundArray } from "./bound_array.mjs";

/** What `run` returns from a kernel that trapped: this one is lost. */
export const TRAPPED = -128;

const HEADER_WORDS = 16;
/** Sets of candidates. */
const RESIDENT = 0;
const OF_REQUEST = 1;
const OUT_OF_MEMORY = -4;
const MALFORMED = -6;

/** Words a candidate takes in arrays 1 to 4: created, pairs, frequency, success. */
const COLUMN_WORDS = [1, 4, 1, 1];

/** Bytes of vectors that are copied and scored in one piece, so that they stay in the processor's cache. */
const PART_BYTES = 49_152;

/** From here on a view of its own is made to copy words, which costs as much as copying these. */
const MANY_WORDS = 64;

/**
 * The module Python imports as `tiny_dancer_glue`.
 *
 * @param {WebAssembly.Module} module the compiled kernel.wasm
 */
export function createGlue(module) {
  return { open: () => new Kernel(module) };
}

/** One instance of the kernel, for one model. */
export class Kernel {
  /** @type {Exports} */
  #kernel;
  /** @type {Uint8Array} all of the kernel's memory */
  #memory;
  /** The same as words. */
  #words = new Uint32Array(0);
  #requestAt;
  #resultAt;
  /** @type {BoundArray[]} */
  #bound = [];
  /** @type {Set[]} the sets of candidates */
  #sets = [];
  /** @type {BoundArray | undefined} columns of candidates that are not taken yet */
  #stage;
  /**
   * The same as words: where the first resident goes, n, the id of the rows of a request (0: none), bytes of each,
   * 1 where their columns are staged too; then from word 16 on the columns.
   *
   * @type {Uint32Array}
   */
  #staged = new Uint32Array(HEADER_WORDS);

  /** @type {Map<number, BoundArray>} vectors of requests, by id */
  #rows = new Map();
  #nextRows = 1;

  /** @param {WebAssembly.Module} module */
  constructor(module) {
    const { exports } = new WebAssembly.Instance(module);
    this.#kernel = /** @type {Exports} */ (/** @type {unknown} */ (exports));
    this.#kernel._initialize?.();
    this.#memory = new Uint8Array(this.#kernel.memory.buffer);
    this.#requestAt = this.#kernel.td_block() >>> 0;
    this.#resultAt = this.#kernel.td_result() >>> 0;
    /** Version of the ABI, major << 16 | minor. */
    this.abi = this.#kernel.td_abi();
    /** Unicode version of the kernel's tables, major << 16 | minor << 8 | patch. */
    this.unicode = this.#kernel.td_unicode();
  }

  /** Unbinds the arrays; the kernel cannot be used afterwards. */
  close() {
    for (const bound of [...this.#bound.splice(0), ...this.#rows.values()]) bound.close();
    this.#rows.clear();
    this.#stage?.close();
    this.#stage = undefined;
  }

  /**
   * Loads a model image; once for each instance.
   *
   * @param {BufferProxy} image
   * @returns {number} negative where the kernel refuses it
   */
  load(image) {
    const view = image.getBuffer("u8");
    try {
      const { length } = view.data;
      const address = this.#kernel.td_alloc(length) >>> 0;
      if (address === 0) return OUT_OF_MEMORY;
      this.#memory = new Uint8Array(this.#kernel.memory.buffer);
      this.#memory.set(view.data, address);
      return this.#kernel.td_load(address, length);
    } finally {
      view.release();
    }
  }

  /**
   * Makes room for candidates.
   *
   * @param {number} which
   * @param {number} capacity
   * @param {number} dimension
   * @param {number} format
   * @returns {number} negative where the kernel refuses
   */
  reserve(which, capacity, dimension, format) {
    const status = this.#kernel.td_candidates(which, capacity, dimension, format);
    if (status < 0) return status;
    this.#memory = new Uint8Array(this.#kernel.memory.buffer);
    const arrays = [0, 1, 2, 3, 4].map((array) => this.#kernel.td_array(which, array) >>> 0);
    this.#sets[which] = { capacity, arrays };
    return status;
  }

  /**
   * Where vectors of a set lie, until the kernel's memory grows.
   *
   * @param {number} which
   * @param {number} offset in bytes
   * @param {number} bytes
   */
  window(which, offset, bytes) {
    const at = (this.#sets[which]?.arrays[0] ?? 0) + offset;
    return new Uint8Array(this.#kernel.memory.buffer, at, bytes);
  }

  /**
   * Ties the staged columns to a Python array, in place of the one before.
   *
   * @param {BufferProxy} stage
   */
  stage(stage) {
    this.#stage?.close();
    this.#stage = new BoundArray(stage);
    this.#staged = this.#stage.words();
  }

  /**
   * Lets requests name these vectors until they are released.
   *
   * @param {BufferProxy} rows
   * @returns {number} their id
   */
  bindRows(rows) {
    this.#rows.set(this.#nextRows, new BoundArray(rows));
    return this.#nextRows++;
  }

  /** @param {number} id */
  releaseRows(id) {
    this.#rows.get(id)?.close();
    this.#rows.delete(id);
  }

  /**
   * Copies the staged columns to the residents and commits these candidates.
   *
   * @returns {number} 0 or a negative error
   */
  take() {
    this.#renewStage();
    const [first = 0, n = 0] = this.#staged;
    const set = this.#sets[RESIDENT];
    if (!this.#stage || !set || first > set.capacity || n > set.capacity - first) return MALFORMED;
    this.#copyColumns(set, first, n);
    return this.#kernel.td_commit(RESIDENT, first, n);
  }

  /** @param {Set} set @param {number} first @param {number} n */
  #copyColumns(set, first, n) {
    if (this.#words.length === 0) this.#words = new Uint32Array(this.#kernel.memory.buffer);
    let from = HEADER_WORDS;
    for (let i = 0; i < COLUMN_WORDS.length; i++) {
      const size = COLUMN_WORDS[i] ?? 0;
      copyWords(this.#staged, from, this.#words, (set.arrays[i + 1] ?? 0) / 4 + first * size, n * size);
      from += n * size;
    }
  }

  /**
   * Scores the request's candidates, whose head is staged: copies and scores one part of the vectors after the other.
   *
   * @returns {number} 0 or a negative error
   */
  #runParts() {
    const [, n = 0, id = 0, each = 0, hasColumns = 0] = this.#staged;
    this.#staged[2] = 0;
    const rows = this.#rows.get(id);
    const set = this.#sets[OF_REQUEST];
    if (!rows || !set || n > set.capacity) return MALFORMED;
    if (rows.bytes.length === 0) rows.renew();
    if (hasColumns) this.#copyColumns(set, 0, n);
    const at = set.arrays[0] ?? 0;
    const most = Math.max(4, Math.floor(PART_BYTES / each / 4) * 4);
    let status = 0;
    for (let first = 0; first < n && status >= 0; first += most) {
      const count = Math.min(most, n - first);
      this.#memory.set(rows.bytes.subarray(first * each, (first + count) * each), at);
      status = this.#kernel.td_part(first, count);
    }
    return status;
  }

  #renewStage() {
    if (!this.#stage || this.#stage.bytes.length > 0) return;
    this.#stage.renew();
    this.#staged = this.#stage.words();
  }

  /**
   * Ties the two blocks to two Python arrays, which must not be resized from now on.
   *
   * @param {BufferProxy} request
   * @param {BufferProxy} result
   * @returns {() => number} does what the request block says: copies the request in, runs, copies
   *   the result out; returns 0 or a negative error. A staged head of a request's candidates is taken
   */
  bind(request, result) {
    const kernel = this.#kernel;
    const from = new BoundArray(request);
    const to = new BoundArray(result);
    let header = from.words();
    this.#bound.push(from, to);
    return () => {
      if (from.bytes.length === 0) {
        from.renew();
        to.renew();
        header = from.words();
        this.#renewStage();
      }
      if (this.#memory.length === 0) this.#memory = new Uint8Array(kernel.memory.buffer);
      const requestBytes = Math.min(header[0] ?? 0, from.bytes.length);
      const resultBytes = Math.min(header[1] ?? 0, to.bytes.length);
      this.#memory.set(from.bytes.subarray(0, requestBytes), this.#requestAt);
      try {
        const status = this.#staged[2] === 0 ? kernel.td_run() : this.#runParts();
        to.bytes.set(this.#memory.subarray(this.#resultAt, this.#resultAt + resultBytes));
        return status;
      } catch {
        return TRAPPED;
      }
    };
  }
}

/**
 * @param {Uint32Array} from
 * @param {number} start
 * @param {Uint32Array} to
 * @param {number} at
 * @param {number} n
 */
function copyWords(from, start, to, at, n) {
  if (n >= MANY_WORDS) to.set(from.subarray(start, start + n), at);
  else for (let i = 0; i < n; i++) to[at + i] = from[start + i] ?? 0;
}

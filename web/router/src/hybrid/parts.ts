/** The parts of an answer as they come, and its record at the end. */
export class Parts<R> implements AsyncIterableIterator<string> {
  /** Of the answer; rejects where the stream fails or is left. */
  readonly result: Promise<R>;
  readonly #come: string[] = [];
  readonly #waiting: PromiseWithResolvers<IteratorResult<string>>[] = [];
  readonly #leave: () => void;
  #ended: { readonly error?: Error } | undefined;

  /**
   * @param fill hands parts to `take` and resolves with the record; it begins at once.
   * @param leave called where whoever reads stops before the end.
   */
  constructor(fill: (take: (part: string) => void) => Promise<R>, leave: () => void) {
    this.#leave = leave;
    this.result = fill((part) => {
      const first = this.#waiting.shift();
      if (first) first.resolve({ done: false, value: part });
      else this.#come.push(part);
    });
    this.result.then(
      () => {
        this.#end({});
      },
      (error: unknown) => {
        this.#end({ error: error as Error }); // whoever reads gets it, and `result` too; nobody has to look at both
      },
    );
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<string>> {
    const value = this.#come.shift();
    if (value !== undefined) return { done: false, value };
    if (this.#ended) return this.#finish();
    const waiting = withResolvers<IteratorResult<string>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  async return(): Promise<IteratorResult<string>> {
    if (!this.#ended) this.#leave();
    this.#come.length = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  #end(ended: { readonly error?: Error }): void {
    this.#ended = ended;
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(this.#finish());
  }

  /** An error is thrown once, to the first who comes to the end. */
  #finish(): IteratorResult<string> | Promise<never> {
    const { error } = this.#ended ?? {};
    this.#ended = {};
    return error === undefined ? { done: true, value: undefined } : Promise.reject(error);
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
}

/** `Promise.withResolvers`, which Node 22 and older browsers may lack the types of. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: PromiseWithResolvers<T>["resolve"];
  const promise = new Promise<T>((given) => {
    resolve = given;
  });
  return { promise, resolve };
}

/** Runs one job after the other: an engine has one model and one generation that an interruption ends. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves when it is this job's turn, with the function that ends the turn. */
  async enter(signal: AbortSignal): Promise<() => void> {
    const before = this.#last;
    let leave!: () => void;
    this.#last = new Promise<void>((resolve) => {
      leave = resolve;
    });
    await before;
    if (!signal.aborted) return leave;
    leave();
    throw signal.reason as Error;
  }
}

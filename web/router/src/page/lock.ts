export interface Lock {
  readonly name: string;
  /** Starts to wait for the end of whoever holds it. */
  watch(onEnd: () => void): void;
  stop(): void;
}

/**
 * A lock that a worker holds as long as it lives: browsers do not say when one dies.
 *
 * There is none on plain http other than localhost, nor where the page may store nothing; a worker's
 * end is then noticed only where the browser reports an error.
 */
export function makeLock(): Lock {
  const name = `tiny-dancer-${Math.random().toString(36).slice(2)}-${String(performance.now())}`;
  const waiting = new AbortController();
  return {
    name,
    watch(onEnd) {
      const { locks } = globalThis.navigator as { locks?: LockManager };
      locks?.request(name, { signal: waiting.signal }, onEnd).catch(() => undefined);
    },
    stop() {
      waiting.abort();
    },
  };
}

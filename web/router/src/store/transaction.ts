/** Transactions of IndexedDB: their results, and their failures as errors that Python can read. */

/**
 * A DOMException as an Error of the same name. Pyodide 314 takes a QuotaExceededError, which has a
 * class of its own by now, for no error, and the await in Python then never ends.
 */
export function toPlainError(error: unknown): Error {
  if (!(error instanceof DOMException)) return error as Error;
  const { name, message } = error;
  return Object.assign(new Error(message || name, { cause: error }), { name });
}

/**
 * The work's result once the transaction is complete. A failure is the transaction's, which names
 * its cause (a request that came too late only says that the transaction is gone), and undoes all.
 */
export async function runInTransaction<T>(
  tx: { readonly done: Promise<void>; abort(): void },
  work: () => Promise<T>,
): Promise<T> {
  const done = tx.done.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  try {
    const result = await work();
    const failed = await done;
    if (failed) throw failed.error as Error;
    return result;
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // it has ended already
    }
    const failed = await done;
    const cause = failed?.error;
    throw toPlainError(cause instanceof DOMException && cause.name !== "AbortError" ? cause : error);
  }
}

/** A request's failure fails its transaction, and that is reported. */
export function ignoreFailure(): void {
  // nothing to do here
}

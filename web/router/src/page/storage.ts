/** What the browser grants this site's data. */

/** Asks the browser not to clear this site's data by itself; true where it will not. */
export function persist(): Promise<boolean> {
  return navigator.storage.persist();
}

/** Bytes that this site uses and may use, as the browser estimates. */
export async function estimate(): Promise<{ usage: number; quota: number }> {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return { usage, quota };
}

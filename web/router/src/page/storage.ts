/** What the browser grants this site's data. */

/** Absent where the page came over plain http from another machine. */
const manager = (globalThis as { navigator?: { storage?: StorageManager } }).navigator?.storage;

/** Asks the browser not to clear this site's data by itself; true where it will not. */
export async function persist(): Promise<boolean> {
  return (await manager?.persist()) ?? false;
}

/** Bytes that this site uses and may use, as the browser estimates; null where it does not tell. */
export async function estimate(): Promise<{ usage: number; quota: number } | null> {
  if (!manager) return null;
  const { usage = 0, quota = 0 } = await manager.estimate();
  return { usage, quota };
}

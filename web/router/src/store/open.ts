/** The database of the history: opened, brought to the newest version, deleted. */
import { deleteDB, openDB } from "idb";
import { type Schema, type Step, STEPS } from "./schema.js";
import { Store } from "./store.js";
import { toPlainError } from "./transaction.js";

export { STEPS };

export interface Events {
  /** Another tab has an older version open and has to be closed before this one can start. */
  readonly onBlocked?: () => void;
  /** This store let go of the database, so that another tab can bring it to a newer version. */
  readonly onSuperseded?: () => void;
  /** Another tab changed a shared state. */
  readonly onChange?: () => void;
}

/**
 * Opens the database, making it or bringing it to the newest version.
 *
 * @param steps for tests
 * @throws VersionError where a newer version of this library made it
 */
export async function openStore(
  name: string,
  events: Events = {},
  steps: readonly Step[] = STEPS,
): Promise<Store> {
  const opening = openDB<Schema>(name, steps.length, {
    upgrade(database, oldVersion, _newVersion, upgrade) {
      for (const step of steps.slice(oldVersion)) step(database, upgrade);
    },
    blocked: () => events.onBlocked?.(),
    blocking: () => {
      void opening.then((database) => {
        database.close();
      });
      events.onSuperseded?.();
    },
  });
  const database = await opening.catch((error: unknown) => {
    throw toPlainError(error);
  });
  const channel = new BroadcastChannel(`tiny-dancer:${name}`);
  channel.onmessage = () => events.onChange?.();
  return new Store(database, channel);
}

/** Deletes the database; waits for other tabs that have it open to let go. */
export async function deleteStore(name: string): Promise<void> {
  await deleteDB(name);
}

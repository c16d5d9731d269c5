import { InvalidInputError } from "../protocol/errors.js";

/** None: what waits is written by a timer, and workerd ends a timer with the request that set it. */
export function checkStorage(storage: unknown): undefined {
  if (storage === undefined) return;
  throw new InvalidInputError("storage: there is none in workerd, where an isolate may end at any time; leave it out");
}

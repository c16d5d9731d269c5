import type { Files } from "../protocol/calls.js";
import { InvalidInputError } from "../protocol/errors.js";

/** Nowhere: the files are modules of the upload. */
export function locateFiles(base?: string | URL): Files {
  if (base !== undefined) {
    throw new InvalidInputError("base: there is none in workerd, where the files are modules of the upload; leave it out");
  }
  return {} as Files;
}

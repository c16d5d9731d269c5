/** A model that is there, or a function that downloads it. */
import type { Availability, PrepareOptions } from "./answerer.js";
import { NotAvailableError } from "./errors.js";

export type Load<T> = (options: PrepareOptions) => Promise<T>;

export interface Source<T> {
  availability(): Availability;
  prepare(options: PrepareOptions): Promise<void>;
  /** What was loaded; an error where nothing is yet. */
  get(): T;
}

/** `load` is called once, by the first `prepare`; where it fails, the next one calls it again. */
export function makeSource<T>(name: string, given: T | undefined, load: Load<T> | undefined): Source<T> {
  let loaded = given;
  let loading: Promise<void> | undefined;
  return {
    availability: () => (loaded !== undefined ? "available" : loading ? "downloading" : "downloadable"),
    prepare(options) {
      if (loaded !== undefined || !load) return Promise.resolve();
      loading ??= load(options).then(
        (value) => {
          loaded = value;
        },
        (error: unknown) => {
          loading = undefined;
          throw error;
        },
      );
      return loading;
    },
    get() {
      if (loaded === undefined) throw new NotAvailableError(`${name}: it is not loaded yet: call \`prepare()\``);
      return loaded;
    },
  };
}

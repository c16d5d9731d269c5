import type { Candidate, Router } from "tiny-dancer";

/** This page's candidates; the router has the same ones where its bundle can score them. */
export class CandidateSet {
  readonly #router: Router;
  #list: readonly Candidate[];
  #held = false;
  /** Why the router does not hold them though its bundle scores candidates. */
  fault: unknown;

  constructor(router: Router, list: readonly Candidate[]) {
    this.#router = router;
    this.#list = list;
  }

  get list(): readonly Candidate[] {
    return this.#list;
  }

  /** True where the loaded bundle scores candidates. */
  get isScored(): boolean {
    return this.#held;
  }

  find(id: string): Candidate | undefined {
    return this.#list.find((candidate) => candidate.id === id);
  }

  /** Takes another list; where one of it is malformed, the list stays as it was. */
  async replace(list: readonly Candidate[]): Promise<void> {
    await this.#router.setCandidates(list);
    this.#list = list;
    this.fault = undefined;
  }

  /** Puts one at the end, or in the place of the one with the name it had before. */
  put(candidate: Candidate, before?: string): Promise<void> {
    const at = this.#list.findIndex(({ id }) => id === before);
    return this.replace(at < 0 ? [...this.#list, candidate] : this.#list.with(at, candidate));
  }

  remove(id: string): Promise<void> {
    return this.replace(this.#list.filter((candidate) => candidate.id !== id));
  }

  /** Hands the list to the router, unless its bundle scores no candidates. */
  async hold(): Promise<void> {
    this.fault = undefined;
    this.#held = (await this.#router.ready).candidates;
    if (!this.#held) return;
    try {
      await this.#router.setCandidates(this.#list);
    } catch (error) {
      this.fault = error; // their vectors do not fit this bundle's
    }
  }

  /** Changes the bundle; one that scores no candidates is accepted only while the router has none. */
  async releaseDuring(change: () => Promise<unknown>): Promise<void> {
    if (this.#held) await this.#router.setCandidates([]);
    try {
      await change();
    } finally {
      await this.hold();
    }
  }
}

import { type Candidate, toCandidateFields, toFields, Vectors } from "./candidate.js";
import type { Call, Method } from "../protocol/calls.js";
import { checkText } from "./request.js";

type Ask = (method: Extract<Method, `${string}_candidate${string}`>, args: Call["args"]) => Promise<unknown>;

/** The candidates of a router: kept in the kernel, and here for a worker that takes another's place. */
export class CandidateSet {
  #known = new Map<string, Candidate>();

  /** Makes these the candidates, and no others; where one is malformed, the previous ones stay. */
  async replace(ask: Ask, candidates: readonly Candidate[]): Promise<void> {
    const vectors = new Vectors();
    const rows = JSON.stringify(toCandidateFields(candidates, vectors));
    await ask("set_candidates", [rows, vectors.join()]);
    this.#known = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  }

  /** Adds a candidate, replaces the one of its name, or changes some fields of the one named. */
  async update(ask: Ask, candidate: Candidate | string, changes?: Partial<Candidate>): Promise<void> {
    const [name, fields] = typeof candidate === "string" ? [candidate, changes] : [undefined, candidate];
    const vectors = new Vectors();
    const row = JSON.stringify(toFields(name === undefined ? "candidate" : "changes", fields, vectors));
    await ask("update_candidate", [name, row, vectors.join()]);
    const id = name ?? (candidate as Candidate).id;
    this.#known.set(id, { ...(name === undefined ? undefined : this.#known.get(id)), ...(fields as Candidate) });
  }

  async remove(ask: Ask, id: string): Promise<void> {
    await ask("remove_candidate", [checkText("id", id)]);
    this.#known.delete(id);
  }

  /** Hands all of them to a new worker. */
  async restore(ask: Ask): Promise<void> {
    if (this.#known.size > 0) await this.replace(ask, [...this.#known.values()]);
  }
}

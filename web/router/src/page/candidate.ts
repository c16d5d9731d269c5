import { InvalidInputError } from "../protocol/errors.js";

/** Anything that could serve a request: an agent, a tool, a model, a remembered answer. */
export interface Candidate {
  /** Names it; 1 to 200 characters. */
  readonly id: string;
  /** 1 to 2,048 numbers. Either this or `text`. */
  readonly embedding?: Vector | null;
  /** What it is about; the bundle makes its vector. */
  readonly text?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** How often it was used; 0 unless given. */
  readonly accessCount?: number;
  /** Share of uses that went well, in [0, 1]. */
  readonly successRate: number;
}

export type Vector = Float32Array | Float64Array | readonly number[];

/** The vectors of a call on their way to Python: joined, and their lengths in the JSON. */
export class Vectors {
  readonly #parts: Vector[] = [];
  #length = 0;

  /** Takes a vector; gives what stands for it in the JSON. */
  add(where: string, vector: unknown): number {
    if (!isVector(vector)) {
      throw new InvalidInputError(`${where}: a Float32Array or an array of numbers is needed`);
    }
    this.#parts.push(vector);
    this.#length += vector.length;
    return vector.length;
  }

  join(): Float32Array {
    const all = new Float32Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** The fields of candidates as Python names them, their vectors in `vectors`. */
export function toCandidateFields(candidates: unknown, vectors: Vectors): object[] {
  if (!Array.isArray(candidates)) {
    throw new InvalidInputError("candidates: an array of candidates is needed");
  }
  return candidates.map((candidate: unknown, at) => {
    return toFields(`candidate ${String(at)}`, candidate, vectors);
  });
}

/** The fields of one candidate, or of a change to one. */
export function toFields(where: string, candidate: unknown, vectors: Vectors): object {
  if (typeof candidate !== "object" || candidate === null || Array.isArray(candidate)) {
    throw new InvalidInputError(`${where}: an object is needed`);
  }
  const fields = new Map<string, unknown>();
  for (const [name, value] of Object.entries(candidate)) {
    if (value !== undefined) fields.set(toSnakeCase(name), value);
  }
  const embedding = fields.get("embedding") ?? undefined;
  if (embedding !== undefined) {
    fields.set("embedding", vectors.add(`${where}: embedding`, embedding));
  }
  return Object.fromEntries(fields);
}

function isVector(value: unknown): value is Vector {
  if (value instanceof Float32Array || value instanceof Float64Array) return true;
  return Array.isArray(value) && value.every((number) => typeof number === "number");
}

export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

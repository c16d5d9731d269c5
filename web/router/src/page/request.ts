import type { Lease } from "./breaker.js";
import { type Candidate, toCandidateFields, type Vector, Vectors } from "./candidate.js";
import { toSnakeCaseFields } from "./config.js";
import { InvalidInputError } from "../protocol/errors.js";

/** A prompt, a query vector, or both. */
export interface RouteRequest {
  readonly prompt?: string;
  /** Compared with the candidates' vectors; the prompt's own where left out. */
  readonly queryEmbedding?: Vector;
  /** What could serve it; those of `setCandidates` where left out. */
  readonly candidates?: readonly Candidate[];
  /** Candidates to return, 1 to 64; all, at most 64, where left out. */
  readonly topK?: number;
  /** Compared with the candidates' metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** From `lease`: a model that is half-open then takes this request as a probe. */
  readonly lease?: Lease;
  /** The promise rejects with the signal's reason; the reply is dropped. */
  readonly signal?: AbortSignal;
}

/** Callers without types pass anything; what they get is an error that names the argument. */
export function checkRequest(request: unknown): RouteRequest {
  if (typeof request === "string") return { prompt: request };
  const given = (request ?? {}) as RouteRequest;
  if (given.prompt !== undefined || given.queryEmbedding === undefined) checkText("prompt", given.prompt);
  return given;
}

export function checkText(where: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new InvalidInputError(`${where}: a string is needed, got ${typeof value}`);
}

/** True where the prompt is all there is. */
export function isPromptOnly({ prompt, signal: _, ...rest }: RouteRequest): boolean {
  return prompt !== undefined && Object.values<unknown>(rest).every((value) => value === undefined);
}

/** The request as JSON with Python's names, and its vectors joined. */
export function encodeRequest(request: RouteRequest): [json: string, vectors: Float32Array] {
  const { prompt, queryEmbedding, candidates, topK, metadata, lease } = request;
  const vectors = new Vectors();
  const json = JSON.stringify({
    prompt,
    query_embedding: queryEmbedding && vectors.add("queryEmbedding", queryEmbedding),
    candidates: candidates && toCandidateFields(candidates, vectors),
    top_k: topK,
    metadata,
    lease: lease && toSnakeCaseFields(lease),
  });
  return [json, vectors.join()];
}

import type { Candidate } from "tiny-dancer";

const DAY = 86_400;

const EXAMPLES: readonly (Omit<Candidate, "createdAt"> & { readonly days: number })[] = [
  {
    id: "maths-tutor",
    text: "Prove theorems about sequences, limits, integrals and sets; solve equations and explain each step.",
    metadata: { kind: "science", lang: "en" },
    days: 2,
    accessCount: 412,
    successRate: 0.91,
  },
  {
    id: "code-assistant",
    text: "Write and test Python functions, merge and sort data structures, find bugs, give the complexity.",
    metadata: { kind: "code", lang: "en" },
    days: 1,
    accessCount: 890,
    successRate: 0.88,
  },
  {
    id: "statistician",
    text: "Probability, queues and Poisson processes, waiting times, expected values, tests of hypotheses.",
    metadata: { kind: "science", lang: "en" },
    days: 21,
    accessCount: 57,
    successRate: 0.83,
  },
  {
    id: "travel-guide",
    text: "Countries and their capital cities, trains, hotels and sights; what to see in France and Spain.",
    metadata: { kind: "travel", lang: "en" },
    days: 9,
    accessCount: 230,
    successRate: 0.79,
  },
  {
    id: "letter-writer",
    text: "Write friendly letters, thank-you notes and invitations for neighbours, friends and colleagues.",
    metadata: { kind: "writing", lang: "en" },
    days: 40,
    accessCount: 33,
    successRate: 0.9,
  },
  {
    id: "translator",
    text: "Translate sentences from English into Spanish, French and German.",
    metadata: { kind: "writing", lang: "es" },
    days: 4,
    accessCount: 145,
    successRate: 0.86,
  },
];

/** Six specialists described by a text each; `now` in seconds. */
export function exampleCandidates(now = Date.now() / 1000): Candidate[] {
  return EXAMPLES.map(({ days, ...rest }) => ({ ...rest, createdAt: Math.round(now - days * DAY) }));
}

import type { Candidate } from "tiny-dancer";

const DAY = 86_400;

const EXAMPLES: readonly (Omit<Candidate, "createdAt"> & { readonly days: number })[] = [
  {
    id: "maths-tutor",
    text: "Prove that a continuous function on a closed interval is bounded. Find the limit of the sequence. Solve the equation for x.",
    metadata: { kind: "science", lang: "en" },
    days: 2,
    accessCount: 412,
    successRate: 0.91,
  },
  {
    id: "code-assistant",
    text: "Write a Python function that reverses a linked list. Fix the bug in this loop. What is the complexity of this algorithm?",
    metadata: { kind: "code", lang: "en" },
    days: 1,
    accessCount: 890,
    successRate: 0.88,
  },
  {
    id: "statistician",
    text: "What is the probability that two of ten customers wait longer than five minutes? Find the expected value of the sample mean.",
    metadata: { kind: "science", lang: "en" },
    days: 21,
    accessCount: 57,
    successRate: 0.83,
  },
  {
    id: "travel-guide",
    text: "What is the capital of Spain? Which city is the largest in Italy? Where is the Louvre?",
    metadata: { kind: "travel", lang: "en" },
    days: 9,
    accessCount: 230,
    successRate: 0.79,
  },
  {
    id: "letter-writer",
    text: "Write a friendly letter to invite my neighbours to dinner. Write a short note to thank a colleague.",
    metadata: { kind: "writing", lang: "en" },
    days: 40,
    accessCount: 33,
    successRate: 0.9,
  },
  {
    id: "translator",
    text: "Translate into French: The museum opens at ten. Translate into German: I would like two tickets.",
    metadata: { kind: "writing", lang: "es" },
    days: 4,
    accessCount: 145,
    successRate: 0.86,
  },
];

/** Six specialists, each described by what it was asked before, as the scorer was trained; `now` in seconds. */
export function makeExampleCandidates(now = Date.now() / 1000): Candidate[] {
  return EXAMPLES.map(({ days, ...rest }) => ({ ...rest, createdAt: Math.round(now - days * DAY) }));
}

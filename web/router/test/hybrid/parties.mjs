/** A router and a light answerer that do what a test tells them. */

/** Decides by the prompt's first word: `easy` is light. Breakers are closed unless `states` says otherwise. */
export function makeRouter(over = {}) {
  const router = {
    reports: [],
    outcomes: [],
    routed: [],
    states: {},
    leases: {},
    ready: Promise.resolve({ models: ["light", "powerful"], stored: true }),
    score: async ({ prompt }) => decide(prompt),
    async route(request) {
      router.routed.push(request);
      return decide(request.prompt);
    },
    circuitBreakerStatus: async (side) => router.states[side] ?? true,
    lease: async (side) => router.leases[side] ?? null,
    retryAfterS: async () => 12,
    report: async (side, report) => void router.reports.push([side, report]),
    recordOutcome: async (id, outcome) => void router.outcomes.push([id, outcome]),
    drift: async () => null,
    inspect: async () => ({ provenance: {} }),
    close: async () => void (router.isClosed = true),
    ...over,
  };
  return router;
}

function decide(prompt) {
  const useLightweight = prompt.startsWith("easy");
  const model = useLightweight ? "light" : "powerful";
  return { decisionId: "d-1", useLightweight, model, reason: "below_threshold", bundleHash: "b", policyId: "p" };
}

/** Answers with `text`, or as `answer` and `parts` say; keeps what it was asked. */
export function makeLight(over = {}) {
  const light = {
    name: "on-device",
    asked: [],
    state: "available",
    text: "from here",
    price: { tokensIn: 0, tokensOut: 0 },
    availability: async () => light.state,
    async prepare({ onProgress }) {
      onProgress?.({ loaded: 1, total: 1 });
      light.state = "available";
    },
    async answer(question) {
      light.asked.push(question);
      return { text: light.text };
    },
    async *stream(question) {
      light.asked.push(question);
      for (const part of light.parts ?? ["from ", "here"]) yield part;
    },
    ...over,
  };
  return light;
}

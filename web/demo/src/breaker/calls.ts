import type { Mode, Router } from "tiny-dancer";

/** The result of a simulated call. */
export type Call = "answered" | "failed" | "away";

/**
 * One simulated call to the light model, as a client makes one: closed lets it through, open sends it
 * to the powerful model, half-open asks for a lease first.
 */
export async function callLight(router: Router, mode: Mode, failing: boolean): Promise<Call> {
  const lease = mode === "half_open" ? await router.lease("light") : null;
  if (mode !== "closed" && !lease) return "away";
  const status = failing ? 503 : 200;
  await router.report("light", { ok: !failing, status, ...(lease && { lease }) });
  return failing ? "failed" : "answered";
}

/** Who is asked, in which order. */
import type { Lease, Router, RoutingResponse } from "../index.js";
import { untilAborted } from "./abort.js";
import { type Copied } from "./request.js";
import { listTurns } from "./turns.js";

export type Side = "light" | "powerful";

export type HybridMode = "by-difficulty" | "prefer-on-device" | "only-on-device" | "prefer-in-cloud" | "only-in-cloud";

export interface Choice {
  readonly order: readonly Side[];
  /** The router's; null where it could not decide. */
  readonly decision: RoutingResponse | null;
  /** Of the router's decision, where the side it chose is half-open. */
  readonly lease: { readonly side: Side; readonly lease: Lease } | null;
  /** True where `staysHere` matched. */
  readonly staysHere: boolean;
}

const BOTH: Readonly<Record<Side, readonly Side[]>> = { light: ["light", "powerful"], powerful: ["powerful", "light"] };

const ORDERS: Readonly<Record<HybridMode, (decided: Side) => readonly Side[]>> = {
  "by-difficulty": (decided) => BOTH[decided],
  "prefer-on-device": () => BOTH.light,
  "only-on-device": () => ["light"],
  "prefer-in-cloud": () => BOTH.powerful,
  "only-in-cloud": () => ["powerful"],
};

export const MODES = Object.keys(ORDERS) as HybridMode[];

/** The choice; nothing of it leaves this device. */
export async function choose(
  router: Router,
  mode: HybridMode,
  request: Copied,
  staysHere: boolean,
  signal: AbortSignal,
): Promise<Choice> {
  const { decision, lease } = await untilAborted(decide(router, request), signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return { decision: null, lease: null }; // a router that fails stops no answer; the powerful one is asked
  });
  const order = staysHere ? (["light"] as const) : ORDERS[mode](decision?.useLightweight ? "light" : "powerful");
  return { order, decision, lease, staysHere };
}

async function decide(router: Router, { messages }: Copied): Promise<Pick<Choice, "decision" | "lease">> {
  const turns = listTurns(messages);
  const prompt = turns.at(-1) ?? "";
  const lease = await leaseFor(router, prompt);
  const decision = await router.route({ prompt, ...(lease && { lease: lease.lease }) });
  if (decision.useLightweight && (await wasHard(router, turns.slice(0, -1)))) {
    const model = (await router.ready).models.at(-1) ?? "powerful";
    return { decision: { ...decision, useLightweight: false, model, reason: "sticky" }, lease };
  }
  return { decision, lease };
}

/** True where the powerful model was chosen for an earlier turn: a conversation does not go back. */
async function wasHard(router: Router, turns: readonly string[]): Promise<boolean> {
  const scores = await Promise.all(turns.map((prompt) => router.score({ prompt })));
  return scores.some(({ useLightweight }) => !useLightweight);
}

/** A lease for the side that the numbers choose, where its breaker is half-open. */
async function leaseFor(router: Router, prompt: string): Promise<Choice["lease"]> {
  const states = await Promise.all([router.circuitBreakerStatus("light"), router.circuitBreakerStatus("powerful")]);
  if (!states.includes(false)) return null;
  const side = (await router.score({ prompt })).useLightweight ? "light" : "powerful";
  const lease = await router.lease(side);
  return lease && { side, lease };
}

import { InvalidInputError, type LoadOptions, type Router } from "../index.js";
import type { Answerer, Price } from "./answerer.js";
import type { Place } from "./attempt.js";
import { type HybridMode, MODES, type Side } from "./choice.js";
import type { Need } from "./request.js";
import { copyPatterns } from "./stays-here.js";

/** What `Hybrid.load` takes: beside these, what `Router.load` takes. */
export interface HybridOptions extends LoadOptions {
  readonly light: Answerer;
  readonly powerful: Answerer;
  /** One that is there already; `close` leaves it open. */
  readonly router?: Router;
  /** Money for a million tokens. */
  readonly prices?: Prices;
  /** `by-difficulty` unless given. */
  readonly mode?: HybridMode;
  /** A request that matches one of them anywhere is answered by `light`, or not at all. */
  readonly staysHere?: readonly RegExp[];
}

export type Prices = Readonly<Partial<Record<Side, Price>>>;

/** The options, checked. */
export interface Settings {
  readonly light: Place;
  readonly powerful: Place;
  readonly router: Router | undefined;
  readonly mode: HybridMode;
  readonly staysHere: readonly RegExp[];
  readonly prices: Record<Side, Price> | undefined;
  /** For `Router.load`, which refuses what it does not know. */
  readonly load: LoadOptions;
}

const ALL: readonly Need[] = ["tools", "images", "audio", "files"];
const METHODS = ["availability", "prepare", "answer", "stream"] as const;

export function readOptions(options: HybridOptions): Settings {
  const { light, powerful, router, prices = {}, mode = "by-difficulty", staysHere = [], ...load } = options;
  if (!MODES.includes(mode)) {
    throw new InvalidInputError(`mode: one of ${MODES.join(", ")} is needed, got ${JSON.stringify(mode)}`);
  }
  const [others] = Object.keys(load);
  if (router && others !== undefined) {
    throw new InvalidInputError(`${others}: goes to Router.load, and a router is given`);
  }
  const patterns = copyPatterns(staysHere);
  const places = { light: toPlace("light", light, prices), powerful: toPlace("powerful", powerful, prices) };
  if (patterns.length > 0 && !places.light.onDevice) {
    throw new InvalidInputError(
      `staysHere: light (${light.name}) is not on this device; say \`onDevice: true\` where its URL is one that text may go to`,
    );
  }
  const [cheap, dear] = [places.light.price, places.powerful.price];
  const known = cheap && dear && { light: cheap, powerful: dear };
  return { ...places, router, mode, staysHere: patterns, prices: known, load };
}

function toPlace(side: Side, answerer: Answerer, prices: Prices): Place {
  const given = answerer as Partial<Answerer> | undefined;
  for (const name of METHODS) {
    if (typeof given?.[name] === "function") continue;
    throw new InvalidInputError(`${side}: an answerer is needed, with \`name\`, \`${METHODS.join("`, `")}\`; ${name} is missing`);
  }
  if (typeof given?.name !== "string") throw new InvalidInputError(`${side}: an answerer's \`name\` is missing`);
  return {
    side,
    answerer,
    accepts: answerer.accepts ?? (side === "powerful" ? ALL : []),
    onDevice: answerer.onDevice ?? side === "light",
    price: prices[side] ?? answerer.price,
  };
}

import { RouterConfig } from "tiny-dancer";
import { type Model, type Prices } from "./money/prices.js";

/** Seconds an open breaker waits before it probes: long enough to watch, far below the default. */
export const OPEN_S = 6;
export const DEFAULT_OPEN_S = 60;

/** The page's settings of the router; the prices are what its reports count by. */
export function makeConfig({ light, powerful }: Prices): RouterConfig {
  const price = ({ tokensIn, tokensOut }: Model) => ({ tokensIn, tokensOut });
  return new RouterConfig({
    breaker: { openS: OPEN_S, maxOpenS: 4 * OPEN_S },
    history: { prices: { light: price(light), powerful: price(powerful) } },
  });
}

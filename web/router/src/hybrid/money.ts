import type { Price, Usage } from "./answerer.js";

/** Money for so many tokens; null where the price is not known, or its tokens are not. */
export function computeCost(price: Price | undefined, usage: Usage | undefined): number | null {
  if (price?.tokensIn === 0 && price.tokensOut === 0) return 0;
  if (!price || !usage) return null;
  return (price.tokensIn * usage.tokensIn + price.tokensOut * usage.tokensOut) / 1e6;
}

/** The sum; null where one is not known. */
export function addCosts(costs: readonly (number | null)[]): number | null {
  return costs.reduce<number | null>((sum, cost) => (sum === null || cost === null ? null : sum + cost), 0);
}

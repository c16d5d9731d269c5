import { RouterConfig } from "tiny-dancer";

/** Seconds an open breaker waits before it probes: long enough to watch, far below the default. */
export const OPEN_S = 6;
const DEFAULT_OPEN_S = 60;

/** Money for a million tokens, and tokens of an answer: what "saved" assumes, as the page says. */
const PRICES = { light: 0.2, powerful: 5 };
export const ANSWER_TOKENS = 300;

export const config = new RouterConfig({
  breaker: { openS: OPEN_S, maxOpenS: 4 * OPEN_S },
  history: {
    prices: {
      light: { tokensIn: PRICES.light, tokensOut: PRICES.light },
      powerful: { tokensIn: PRICES.powerful, tokensOut: PRICES.powerful },
    },
  },
});

export const BREAKER_NOTE =
  `An open breaker waits ${String(OPEN_S)} seconds here; the default is ${String(DEFAULT_OPEN_S)}. ` +
  "Each failed probe doubles the wait.";

export const MONEY_NOTE =
  `Saved assumes ${PRICES.light.toFixed(2)} for a million tokens of the light model, ` +
  `${PRICES.powerful.toFixed(2)} of the powerful one, and answers of ${String(ANSWER_TOKENS)} tokens. ` +
  "No model is called here.";

/** One model as the page names and prices it. */
export interface Model {
  readonly name: string;
  /** Money for a million tokens. */
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/** What amounts of money are computed from. */
export interface Prices {
  readonly light: Model;
  readonly powerful: Model;
  /** ISO 4217. */
  readonly currency: string;
  /** Tokens that an answer is taken to have. */
  readonly answerTokens: number;
}

type Pair = readonly [light: Model, powerful: Model];

/** Pairs to begin with, at example prices in US dollars, for a visitor to replace. */
export const EXAMPLES: readonly [Pair, ...Pair[]] = [
  [
    { name: "GPT-5 nano", tokensIn: 0.05, tokensOut: 0.4 },
    { name: "GPT-5", tokensIn: 1.25, tokensOut: 10 },
  ],
  [
    { name: "Claude Haiku 4.5", tokensIn: 1, tokensOut: 5 },
    { name: "Claude Opus 4.5", tokensIn: 5, tokensOut: 25 },
  ],
  [
    { name: "Gemini 2.5 Flash-Lite", tokensIn: 0.1, tokensOut: 0.4 },
    { name: "Gemini 2.5 Pro", tokensIn: 1.25, tokensOut: 10 },
  ],
];

export const CURRENCIES = ["USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "BRL", "CAD", "AUD", "PLN", "SEK"];

const KEY = "tiny-dancer-prices";

let current: Prices = read();
const listeners: (() => void)[] = [];

export function getPrices(): Prices {
  return current;
}

/** Takes other prices, remembers them, and tells whoever shows money. */
export function setPrices(prices: Prices): void {
  current = prices;
  try {
    localStorage.setItem(KEY, JSON.stringify(prices));
  } catch {
    // Storage is denied: they hold as long as the page is open.
  }
  for (const listener of listeners) listener();
}

/** Position in EXAMPLES of the models and prices in use; -1 for a visitor's own. */
export function findExample(): number {
  const { light, powerful } = current;
  return EXAMPLES.findIndex(([a, b]) => isSame(a, light) && isSame(b, powerful));
}

function isSame(a: Model, b: Model): boolean {
  return a.name === b.name && a.tokensIn === b.tokensIn && a.tokensOut === b.tokensOut;
}

export function onPrices(show: () => void): void {
  listeners.push(show);
}

/** Money for one request to a model. */
export function costOf({ tokensIn, tokensOut }: Model, promptTokens: number, answerTokens = current.answerTokens): number {
  return (promptTokens * tokensIn + answerTokens * tokensOut) / 1e6;
}

/** Money that the light model saves on one request. */
export function savingOf(promptTokens: number, answerTokens = current.answerTokens): number {
  return (
    costOf(current.powerful, promptTokens, answerTokens) - costOf(current.light, promptTokens, answerTokens)
  );
}

/** Prices from outside, such as a link; undefined where they are none. */
export function parsePrices(value: unknown): Prices | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { light, powerful, currency, answerTokens } = value as Partial<Record<keyof Prices, unknown>>;
  const models = [parseModel(light), parseModel(powerful)] as const;
  if (!models[0] || !models[1] || !isAmount(answerTokens)) return undefined;
  if (typeof currency !== "string" || !CURRENCIES.includes(currency)) return undefined;
  return { light: models[0], powerful: models[1], currency, answerTokens };
}

function parseModel(value: unknown): Model | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, tokensIn, tokensOut } = value as Partial<Record<keyof Model, unknown>>;
  if (typeof name !== "string" || !isAmount(tokensIn) || !isAmount(tokensOut)) return undefined;
  return { name: name.slice(0, 60), tokensIn, tokensOut };
}

export function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 && value <= 1e9;
}

function read(): Prices {
  const [light, powerful] = EXAMPLES[0];
  const usual = { light, powerful, currency: "USD", answerTokens: 300 };
  try {
    return parsePrices(JSON.parse(localStorage.getItem(KEY) ?? "null")) ?? usual;
  } catch {
    return usual;
  }
}

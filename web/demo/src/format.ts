import { getLanguage } from "./words/language.js";

const made = new Map<string, Intl.NumberFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = getLanguage() + JSON.stringify(options);
  const known = made.get(key) ?? new Intl.NumberFormat(getLanguage(), options);
  made.set(key, known);
  return known;
}

const places = (digits: number) => numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits });
const withMinus = (text: string) => text.replace("-", "−");

export const formatCount = (n: number) => numbers({ maximumFractionDigits: 0 }).format(n);
export const formatMegabytes = (bytes: number) => `${places(1).format(bytes / 1e6)} MB`;
export const formatPercent = (share: number) => `${places(1).format(100 * share)} %`;
export const formatWholePercent = (share: number) => `${formatCount(100 * share)} %`;
export const formatShare = (value: number) => places(2).format(value);
export const formatNumber = (value: number) => withMinus(places(3).format(value));
/** How many of a hundred. */
export const formatOfHundred = (share: number) => formatCount(Math.round(100 * share));

/** A p-value; tiny ones by their bound, since three digits of them would be zeros. */
export const formatPValue = (p: number) => (p < 0.001 ? `< ${places(3).format(0.001)}` : places(3).format(p));

/** An amount with its currency; small ones with as many places as say something. */
export function formatMoney(amount: number, currency: string): string {
  const size = Math.abs(amount);
  const digits = size >= 100 ? 0 : size >= 1 || size === 0 ? 2 : size >= 0.001 ? 4 : 6;
  const options = { style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
  return withMinus(numbers({ ...options, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(amount));
}

/** A size in the unit that fits. */
export function formatBytes(size: number): string {
  if (size < 1e6) return `${places(1).format(size / 1e3)} KB`;
  return size < 1e9 ? formatMegabytes(size) : `${places(1).format(size / 1e9)} GB`;
}

export function formatDuration(microseconds: number): string {
  if (microseconds < 1000) return `${formatCount(Math.round(microseconds))} µs`;
  return `${places(2).format(microseconds / 1000)} ms`;
}

export function formatTime(seconds: number, style: "clock" | "full"): string {
  const options: Intl.DateTimeFormatOptions = style === "full" ? { dateStyle: "medium", timeStyle: "medium" } : { timeStyle: "medium" };
  return new Intl.DateTimeFormat(getLanguage(), options).format(new Date(1000 * seconds));
}

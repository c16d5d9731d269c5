const whole = new Intl.NumberFormat("en");
const places = (digits: number) =>
  new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const one = places(1);
const two = places(2);
const three = places(3);

export const formatCount = (n: number) => whole.format(n);
export const formatMegabytes = (bytes: number) => `${one.format(bytes / 1e6)} MB`;
export const formatPercent = (share: number) => `${one.format(100 * share)} %`;
export const formatShare = (value: number) => two.format(value);
export const formatNumber = (value: number) => three.format(value).replace("-", "−");

/** A p-value; tiny ones by their bound, since three digits of them would be zeros. */
export const formatPValue = (p: number) => (p < 0.001 ? "< 0.001" : three.format(p));

/** Small sums of money with four places, so that a few calls are not nothing. */
export function formatMoney(amount: number): string {
  const digits = Math.abs(amount) < 1 ? 4 : 2;
  return places(digits).format(amount).replace("-", "−");
}

/** A size in the unit that fits. */
export function formatBytes(size: number): string {
  if (size < 1e6) return `${one.format(size / 1e3)} KB`;
  return size < 1e9 ? formatMegabytes(size) : `${one.format(size / 1e9)} GB`;
}

export function formatDuration(microseconds: number): string {
  if (microseconds < 1000) return `${whole.format(Math.round(microseconds))} µs`;
  return `${two.format(microseconds / 1000)} ms`;
}

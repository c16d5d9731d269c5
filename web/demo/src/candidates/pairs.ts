import { InvalidInputError } from "tiny-dancer";

type Pairs = Readonly<Record<string, string>>;

/** `key=value` pairs between these separators; a value may hold further `=`. */
export function parsePairs(text: string, separator: string): Pairs {
  const pairs = text
    .split(separator)
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new InvalidInputError(`metadata: “${pair}” is not key=value`);
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const;
    });
  return Object.fromEntries(pairs);
}

export function formatPairs(pairs: Pairs, separator: string): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(separator);
}

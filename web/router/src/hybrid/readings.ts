/** The ways a text can be read: escaped, encoded or written with other letters, it says the same. */

/** Readings of readings are looked at so often; what is escaped more often nobody reads by accident. */
const ROUNDS = 4;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

const DECODERS: readonly ((text: string) => string)[] = [
  unescapeJson,
  decodePercent,
  decodeData,
  (text) => text.normalize("NFC"),
  (text) => text.normalize("NFD"),
  (text) => text.normalize("NFKC"),
  (text) => text.replace(/\p{Default_Ignorable_Code_Point}/gu, ""),
];

/** The text itself, and every other text that it can be read as. */
export function listReadings(text: string): Set<string> {
  const readings = new Set([text]);
  let latest = [text];
  for (let round = 0; round < ROUNDS && latest.length > 0; round++) {
    const next: string[] = [];
    for (const reading of latest.flatMap((one) => DECODERS.map((decode) => decode(one)))) {
      if (readings.has(reading)) continue;
      readings.add(reading);
      next.push(reading);
    }
    latest = next;
  }
  return readings;
}

/** Escapes of JSON, wherever they stand. */
function unescapeJson(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(?:u([0-9a-f]{4})|(["\\/nrtbf]))/gi, (_, code: string | undefined, letter = "") => {
    return code === undefined ? (ESCAPES[letter as string] ?? String(letter)) : String.fromCharCode(parseInt(code, 16));
  });
}

function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run; // no UTF-8
    }
  });
}

/** The text of a `data:` address in Base64; what is no text stays as it is. */
function decodeData(text: string): string {
  const [, base64] = /^data:[^,]*;base64,(.*)$/s.exec(text) ?? [];
  if (base64 === undefined) return text;
  try {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}

/** Why a file of the run time cannot be loaded: the file, the reason and what would be right. */
import { LoadError } from "./errors.js";

/** What a file is taken as; decides which type it has to be served with. */
export type Kind = "script" | "wasm" | "data";

const TYPES: Record<Kind, RegExp> = {
  script: /^(text|application)\/(x-)?(javascript|ecmascript)/,
  wasm: /^application\/wasm/,
  data: /^(?!text\/html)/,
};
const NEEDED: Record<Kind, string> = {
  script: "text/javascript",
  wasm: "application/wasm",
  data: "application/octet-stream",
};
const BASE =
  "`base` has to be the folder with all files of tiny-dancer-stage; a bundler that does not emit them needs it, or tiny-dancer/esbuild";

/** Asks for the file once more and says what is wrong with the answer; `why` where nothing is. */
export async function explainFault(url: string, kind: Kind, why: string, blocked?: string): Promise<LoadError> {
  const fault = (text: string) => new LoadError(`${url}: ${text}`);
  if (blocked) return fault(describeBlock(url, blocked));
  let response;
  try {
    response = await fetch(url);
    await response.body?.cancel();
  } catch {
    const away = new URL(url).origin !== location.origin;
    const origin = away ? `, or its server does not send Access-Control-Allow-Origin for ${location.origin}` : "";
    return fault(`cannot be reached: the network or the server is down${origin}`);
  }
  if (!response.ok) return fault(`the server responded with status ${String(response.status)}; ${BASE}`);
  const type = response.headers.get("content-type") ?? "";
  if (TYPES[kind].test(type)) return fault(why);
  const page = type.startsWith("text/html") ? `; the server answers with a page, so ${BASE}` : "";
  return fault(`served as ${type || "no type"}, ${NEEDED[kind]} is needed (Content-Type)${page}`);
}

/** A directive of the Content-Security-Policy that forbids the file, and what it lacks. */
function describeBlock(url: string, directive: string): string {
  const { protocol, origin } = new URL(url);
  const source = protocol === "blob:" ? "blob:" : origin === location.origin ? "'self'" : origin;
  return `the page's Content-Security-Policy forbids it: ${directive} needs ${source}`;
}

/** The error where the page's policy forbids WebAssembly; undefined for any other fault. */
export function describePolicyFault(error: unknown): LoadError | undefined {
  if (!/unsafe-eval|content security|\bcsp\b|disallowed by embedder/i.test(String(error))) return;
  return new LoadError(
    "this page's Content-Security-Policy forbids WebAssembly: script-src needs 'wasm-unsafe-eval'",
    { cause: error },
  );
}

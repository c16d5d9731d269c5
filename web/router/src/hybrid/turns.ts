/** The turns of a user as they are scored, by the same rules as in Python's `turns.py`. */
import { type Message, readText } from "./request.js";

/** A turn of at most so many words, such as "and in Rust?", is scored behind the one before it. */
const SHORT_WORDS = 5;
/** Letters of scripts without spaces: half a word each. */
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/gu;
/** Of the turn before, from its two ends. */
const CONTEXT_CHARS = 4096;
/** So many of the last user turns are decided on. */
const MAX_TURNS = 64;

/** The user turns, the last one last; at least one. */
export function listTurns(messages: readonly Message[]): [string, ...string[]] {
  const texts: string[] = [];
  for (const turn of messages.filter(({ role }) => role === "user").map(readText).slice(-MAX_TURNS)) {
    const before = texts.at(-1);
    texts.push(before !== undefined && isShort(turn) ? `${cutContext(before)}\n${turn}` : turn);
  }
  const [first = "", ...others] = texts;
  return [first, ...others];
}

function isShort(turn: string): boolean {
  const words = turn.split(/\s+/u).filter(Boolean).length;
  return words + Math.floor((turn.match(UNSPACED)?.length ?? 0) / 2) <= SHORT_WORDS;
}

function cutContext(text: string): string {
  if (text.length <= CONTEXT_CHARS) return text;
  const letters = Array.from(text);
  if (letters.length <= CONTEXT_CHARS) return text;
  const back = CONTEXT_CHARS / 4;
  return `${letters.slice(0, CONTEXT_CHARS - back).join("")}\n${letters.slice(-back).join("")}`;
}

import type { Reason } from "tiny-dancer";
import { find } from "../words/language.js";

/** A reason in a word or two. */
export function getReasonName(reason: Reason): string {
  return find(`short.${reason}`) ?? reason.replaceAll("_", " ");
}

/** A reason in one sentence; its name where there is none. */
export function explainReason(reason: Reason): string {
  return find(`reason.${reason}`) ?? getReasonName(reason);
}

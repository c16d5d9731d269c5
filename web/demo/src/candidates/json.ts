import { type Candidate, InvalidInputError } from "tiny-dancer";
import type { CandidateSet } from "./set.js";
import { getElement, onSave, showFault, getTextArea } from "../page.js";

/** The dialog that shows and takes the whole set as JSON; `open` shows it. */
export function createJsonDialog(set: CandidateSet, changed: () => void): { open(): void } {
  const dialog = getElement("json-dialog") as HTMLDialogElement;
  const text = getTextArea("json-text");
  const save = async () => {
    await set.replace(parseCandidates(text.value));
    changed();
  };
  onSave(dialog, save, "json-fault");
  return {
    open() {
      showFault("json-fault");
      text.value = JSON.stringify(set.list, null, 2);
      dialog.showModal();
      text.setSelectionRange(0, 0);
      text.scrollTop = 0;
    },
  };
}

/** A list from JSON; its fields are checked by the router, and may be named as in Python. */
function parseCandidates(text: string): Candidate[] {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(rows)) throw new InvalidInputError("a list of candidates is needed");
  return rows.map(toCamelCase) as Candidate[];
}

function toCamelCase(row: unknown): unknown {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return row;
  const named = Object.entries(row).map(([name, value]) => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value as unknown,
  ]);
  return Object.fromEntries(named) as unknown;
}

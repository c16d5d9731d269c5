import { type Candidate, InvalidInputError } from "tiny-dancer";
import type { CandidateSet } from "./candidate-set.js";
import { element, input, onSave, setText, showFault, textArea } from "./page.js";
import { parsePairs, writePairs } from "./pairs.js";

const NOTES = {
  text: "What it is good at, in a few sentences; the bundle turns it into numbers.",
  embedding: "Up to 2,048 numbers, as a JSON list or with commas between; as many as the others have.",
};
type By = keyof typeof NOTES;

/** The dialog for one candidate; `open` shows it, for a new one or for the one given. */
export function candidateForm(set: CandidateSet, changed: () => void): { open(candidate?: Candidate): void } {
  const dialog = element("candidate-dialog") as HTMLDialogElement;
  const content = textArea("candidate-content");
  const choices = [...dialog.querySelectorAll<HTMLInputElement>("input[name=by]")];
  let before: Candidate | undefined;

  /** What the fields show; a field left alone keeps the value it came from, which may be finer. */
  let shown: Record<string, string> = {};
  const touched = (id: string) => input(id).value !== shown[id];

  const describe = () => {
    setText("candidate-content-note", NOTES[chosen()]);
    content.classList.toggle("code", chosen() === "embedding");
  };
  const chosen = (): By => (choices.find(({ checked }) => checked)?.value ?? "text") as By;
  for (const choice of choices) choice.addEventListener("change", describe);

  const entered = (): Candidate => {
    const by = chosen();
    const kept = before && by in before && !touched("candidate-content");
    const described = by === "text" ? { text: content.value } : { embedding: numbers(content.value) };
    return {
      id: input("candidate-id").value,
      ...(kept ? { [by]: before?.[by] } : described),
      metadata: touched("candidate-metadata")
        ? parsePairs(textArea("candidate-metadata").value, "\n")
        : (before?.metadata ?? {}),
      createdAt:
        touched("candidate-created") || !before
          ? seconds(input("candidate-created").value)
          : before.createdAt,
      accessCount: number("access count", input("candidate-count").value),
      successRate: number("success rate", input("candidate-success").value),
    };
  };
  const save = async () => {
    await set.put(entered(), before?.id);
    changed();
  };
  onSave(dialog, save, "candidate-fault");

  return {
    open(candidate) {
      before = candidate;
      const by: By = candidate?.embedding ? "embedding" : "text";
      for (const choice of choices) choice.checked = choice.value === by;
      const created = candidate?.createdAt ?? Date.now() / 1000;
      shown = {
        "candidate-id": candidate?.id ?? "",
        "candidate-content": candidate?.embedding?.join(", ") ?? candidate?.text ?? "",
        "candidate-metadata": writePairs(candidate?.metadata ?? {}, "\n"),
        "candidate-created": localTime(created),
        "candidate-count": String(candidate?.accessCount ?? 0),
        "candidate-success": String(candidate?.successRate ?? 0.5),
      };
      for (const [id, value] of Object.entries(shown)) input(id).value = value;
      for (const [id, value] of Object.entries(shown)) if (input(id).value !== value) shown[id] = input(id).value;
      setText("candidate-dialog-title", candidate ? "Edit candidate" : "New candidate");
      showFault("candidate-fault");
      describe();
      dialog.showModal();
    },
  };
}

function numbers(text: string): number[] {
  return text
    .replace(/^\s*\[|\]\s*$/g, "")
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map((part, at) => number(`embedding[${String(at)}]`, part));
}

function number(where: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) {
    throw new InvalidInputError(`${where}: a number is needed`);
  }
  return value;
}

/** Seconds since 1970 of a local date and time. */
function seconds(text: string): number {
  const time = new Date(text).getTime();
  if (Number.isNaN(time)) throw new InvalidInputError("created: a date and a time are needed");
  return time / 1000;
}

/** A local date and time as the field takes it. */
function localTime(seconds: number): string {
  const date = new Date(1000 * seconds);
  const local = new Date(date.getTime() - 60_000 * date.getTimezoneOffset());
  return Number.isNaN(local.getTime()) ? "" : local.toISOString().slice(0, 19);
}

import { type Candidate, InvalidInputError } from "tiny-dancer";
import type { CandidateSet } from "./set.js";
import { getElement, getInput, onSave, setText, showFault, getTextArea } from "../page.js";
import { t } from "../words/language.js";
import { parsePairs, formatPairs } from "./pairs.js";

type By = "text" | "embedding";

/** The dialog for one candidate; `open` shows it, for a new one or for the one given. */
export function createCandidateForm(set: CandidateSet, changed: () => void): { open(candidate?: Candidate): void } {
  const dialog = getElement("candidate-dialog") as HTMLDialogElement;
  const content = getTextArea("candidate-content");
  const choices = [...dialog.querySelectorAll<HTMLInputElement>("input[name=by]")];
  let before: Candidate | undefined;

  /** What the fields show; a field left alone keeps the value it came from, which may be finer. */
  let shown: Record<string, string> = {};
  const isTouched = (id: string) => getInput(id).value !== shown[id];

  const describe = () => {
    setText("candidate-content-note", t(`candidate.note.${getChosen()}`));
    content.classList.toggle("code", getChosen() === "embedding");
  };
  const getChosen = (): By => (choices.find(({ checked }) => checked)?.value ?? "text") as By;
  for (const choice of choices) choice.addEventListener("change", describe);

  const readFields = (): Candidate => {
    const by = getChosen();
    const kept = before && by in before && !isTouched("candidate-content");
    const described = by === "text" ? { text: content.value } : { embedding: parseNumbers(content.value) };
    return {
      id: getInput("candidate-id").value,
      ...(kept ? { [by]: before?.[by] } : described),
      metadata: isTouched("candidate-metadata")
        ? parsePairs(getTextArea("candidate-metadata").value, "\n")
        : (before?.metadata ?? {}),
      createdAt:
        isTouched("candidate-created") || !before
          ? parseSeconds(getInput("candidate-created").value)
          : before.createdAt,
      accessCount: parseNumber("access count", getInput("candidate-count").value),
      successRate: parseNumber("success rate", getInput("candidate-success").value),
    };
  };
  const save = async () => {
    await set.put(readFields(), before?.id);
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
        "candidate-metadata": formatPairs(candidate?.metadata ?? {}, "\n"),
        "candidate-created": formatLocalTime(created),
        "candidate-count": String(candidate?.accessCount ?? 0),
        "candidate-success": String(candidate?.successRate ?? 0.5),
      };
      for (const [id, value] of Object.entries(shown)) getInput(id).value = value;
      for (const [id, value] of Object.entries(shown)) if (getInput(id).value !== value) shown[id] = getInput(id).value;
      setText("candidate-dialog-title", t(candidate ? "candidate.edit" : "candidate.new"));
      showFault("candidate-fault");
      describe();
      dialog.showModal();
    },
  };
}

function parseNumbers(text: string): number[] {
  return text
    .replace(/^\s*\[|\]\s*$/g, "")
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map((part, at) => parseNumber(`embedding[${String(at)}]`, part));
}

function parseNumber(where: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) {
    throw new InvalidInputError(`${where}: a number is needed`);
  }
  return value;
}

/** Seconds since 1970 of a local date and time. */
function parseSeconds(text: string): number {
  const time = new Date(text).getTime();
  if (Number.isNaN(time)) throw new InvalidInputError("created: a date and a time are needed");
  return time / 1000;
}

/** A local date and time as the field takes it. */
function formatLocalTime(seconds: number): string {
  const date = new Date(1000 * seconds);
  const local = new Date(date.getTime() - 60_000 * date.getTimezoneOffset());
  return Number.isNaN(local.getTime()) ? "" : local.toISOString().slice(0, 19);
}

import { getElement } from "./page.js";

const LISTS = /\.(csv|tsv|jsonl|ndjson|json)$/i;

interface Receivers {
  readonly prompts: (file: File) => void;
  readonly bundle: (file: File) => void;
}

/** Accepts a file dropped anywhere on the page; the browser would navigate to it. */
export function acceptDrops({ prompts, bundle }: Receivers): void {
  const zones = [getElement("batch-drop"), getElement("drop")];
  const holdsFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  const mark = (over: boolean) => {
    for (const zone of zones) {
      if (over) zone.dataset["over"] = "true";
      else delete zone.dataset["over"];
    }
  };
  window.addEventListener("dragover", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    mark(true);
  });
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  window.addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    mark(false);
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    const isList = LISTS.test(file.name) || (event.target instanceof Node && getElement("batch").contains(event.target));
    (isList ? prompts : bundle)(file);
  });
}

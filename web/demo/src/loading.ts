import type { Progress } from "tiny-dancer";
import { formatMegabytes } from "./format.js";
import { getElement, setText } from "./page.js";

/** Shows how much of the run time has arrived. */
export function showProgress({ loaded, total }: Progress): void {
  const bar = getElement("progress") as HTMLProgressElement;
  bar.max = total;
  bar.value = loaded;
  setText("loading-bytes", `${formatMegabytes(loaded)} of ${formatMegabytes(total)}`);
  if (loaded >= total) setText("loading-title", "Starting Python");
}

/** Replaces the panel by what went wrong. */
export function showFailure(error: unknown): void {
  getElement("answer").dataset["state"] = "failed";
  getElement("loading").hidden = true;
  getElement("decision").hidden = true;
  getElement("failure").hidden = false;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  setText("failure-text", `${name}: ${message}`);
}

export function showReady(): void {
  getElement("answer").dataset["state"] = "ready";
  getElement("loading").hidden = true;
  getElement("decision").hidden = false;
}

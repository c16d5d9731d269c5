import type { Progress } from "tiny-dancer";
import { megabytes } from "./format.js";
import { element, setText } from "./page.js";

/** Shows how much of the run time has arrived. */
export function showProgress({ loaded, total }: Progress): void {
  const bar = element("progress") as HTMLProgressElement;
  bar.max = total;
  bar.value = loaded;
  setText("loading-bytes", `${megabytes(loaded)} of ${megabytes(total)}`);
  if (loaded >= total) setText("loading-title", "Starting Python");
}

/** Replaces the panel by what went wrong. */
export function showFailure(error: unknown): void {
  element("answer").dataset["state"] = "failed";
  element("loading").hidden = true;
  element("decision").hidden = true;
  element("failure").hidden = false;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  setText("failure-text", `${name}: ${message}`);
}

export function showReady(): void {
  element("answer").dataset["state"] = "ready";
  element("loading").hidden = true;
  element("decision").hidden = false;
}

import type { Progress } from "tiny-dancer";
import { formatMegabytes } from "./format.js";
import { announce, getButton, getElement, setText } from "./page.js";
import { t } from "./words/language.js";

/** Shows how much of the run time has arrived, in bytes as they are transferred. */
export function showProgress({ loaded, total }: Progress): void {
  const bar = getElement("progress") as HTMLProgressElement;
  bar.max = total;
  bar.value = loaded;
  const all = getTransferBytes() ?? total;
  const done = (loaded / total) * all;
  setText("loading-bytes", t("loading.bytes", { loaded: formatMegabytes(done), total: formatMegabytes(all) }));
  if (loaded < total) return;
  setText("loading-title", t("loading.start"));
  announce(t("loading.start"));
}

/** Bytes of the whole page as this server sends them; undefined where that is not known. */
export function getTransferBytes(): number | undefined {
  const { bytes, transfer } = document.documentElement.dataset;
  if (!bytes || !transfer) return undefined;
  const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const isCompressed = !page || page.encodedBodySize < page.decodedBodySize;
  return Number(isCompressed ? transfer : bytes);
}

export function showLoading(): void {
  getElement("answer").dataset["state"] = "loading";
  getElement("failure").hidden = true;
  getElement("loading").hidden = false;
  getButton("loading-cancel").focus({ preventScroll: true });
}

/** Replaces the panel by what went wrong, or by the offer to load what was cancelled. */
export function showFailure(error: unknown): void {
  const isCancelled = error instanceof DOMException && error.name === "AbortError";
  getElement("answer").dataset["state"] = isCancelled ? "cancelled" : "failed";
  getElement("loading").hidden = true;
  getElement("decision").hidden = true;
  getElement("failure").hidden = false;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  setText("failure-title", t(isCancelled ? "failure.cancelled" : "failure.title"));
  setText("failure-text", isCancelled ? t("failure.cancelled.text") : `${name}: ${message}`);
  setText("errors", `${t(isCancelled ? "failure.cancelled" : "failure.title")} ${isCancelled ? "" : message}`);
  if (isCancelled) getButton("load-again").focus();
}

export function showReady(): void {
  getElement("answer").dataset["state"] = "ready";
  getElement("loading").hidden = true;
  getElement("failure").hidden = true;
  getElement("decision").hidden = false;
  (getElement("work") as HTMLFieldSetElement).disabled = false;
}

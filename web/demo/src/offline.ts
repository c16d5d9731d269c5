import { type ErrorRecord, LoadError, toError } from "tiny-dancer";
import { getElement, setText } from "./page.js";
import { onLanguage, t } from "./words/language.js";

const REASON_MS = 500;

type State = "waiting" | "saving" | "saved" | "unavailable";

let current: State = "waiting";

function show(state: State): void {
  current = state;
  getElement("offline").dataset["state"] = state;
  setText("offline-text", t(`offline.${state}`));
}

/** Saves this release for use without a network, and says so when it is done. */
export async function saveForOffline(): Promise<void> {
  onLanguage(() => {
    show(current);
  });
  // Absent on plain http other than localhost.
  const container = "serviceWorker" in navigator ? navigator.serviceWorker : undefined;
  if (!container || document.documentElement.dataset["release"] === "") {
    show("unavailable");
    return;
  }
  show(container.controller ? "saved" : "saving");
  try {
    const { active, waiting, installing } = await container.register("./sw.js", { updateViaCache: "none" });
    if (!active) await waitUntilActive(waiting ?? installing, container);
    show("saved");
  } catch (error) {
    show(container.controller ? "saved" : "unavailable");
    getElement("offline").title = String(error);
  }
}

/** Rejects where the worker cannot be installed, which `ready` never tells, with what it says is the reason. */
function waitUntilActive(worker: ServiceWorker | null, container: ServiceWorkerContainer): Promise<void> {
  return new Promise((resolve, reject) => {
    container.addEventListener("message", ({ data }: MessageEvent<ErrorRecord>) => {
      reject(toError(data));
    });
    worker?.addEventListener("statechange", () => {
      if (worker.state === "activated") resolve();
      if (worker.state !== "redundant") return;
      const unknown = new LoadError("sw.js: the page could not be saved for offline use");
      setTimeout(reject, REASON_MS, unknown); // what it says may come later than its end
    });
    container.startMessages();
  });
}

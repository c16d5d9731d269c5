import { getElement, setText } from "./page.js";
import { onLanguage, t } from "./words/language.js";

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
    await container.register("./sw.js", { updateViaCache: "none" });
    await container.ready;
    show("saved");
  } catch {
    show(container.controller ? "saved" : "unavailable");
  }
}

import { getElement, setText } from "./page.js";

type State = "waiting" | "saving" | "saved" | "unavailable";

const TEXTS: Record<State, string> = {
  waiting: "starting",
  saving: "saving for offline use",
  saved: "works offline",
  unavailable: "needs the network",
};

function show(state: State): void {
  getElement("offline").dataset["state"] = state;
  setText("offline-text", TEXTS[state]);
}

/** Saves this release for use without a network, and says so when it is done. */
export async function saveForOffline(): Promise<void> {
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

import { Router, type RoutingResponse } from "tiny-dancer";
import { showAbout } from "./about.js";
import { BreakerPanel } from "./breaker.js";
import { BundlePanel } from "./bundle.js";
import { makeExampleCandidates } from "./candidate-examples.js";
import { CandidateSet } from "./candidate-set.js";
import { CandidatesPanel } from "./candidates.js";
import { showDecision } from "./decision.js";
import { EXAMPLES, showExamples } from "./examples.js";
import { formatCount } from "./format.js";
import { HistoryPanel } from "./history.js";
import { showFailure, showProgress, showReady } from "./loading.js";
import { saveForOffline } from "./offline.js";
import { getElement, setText, getTextArea } from "./page.js";
import { config } from "./settings.js";
import { showMedian } from "./timing.js";

declare global {
  interface Window {
    /** The page's router, for the console. */
    tinyDancer?: Router;
  }
}

const TYPING_PAUSE_MS = 90;
/** After such a pause a prompt counts as asked. */
const IDLE_MS = 350;

/** When a decision is recorded: at once, when typing pauses, or not at all. */
type Record = "now" | "idle" | "never";

const prompt = getTextArea("prompt");
let router: Router | undefined;
let candidates: CandidatesPanel | undefined;
let history: HistoryPanel | undefined;
let pause: number | undefined;
let pending = new AbortController();

/** Decides for the prompt in the box; an earlier call that is still pending is dropped. */
async function decide(when: Record): Promise<void> {
  window.clearTimeout(pause);
  if (!router) return;
  pending.abort();
  pending = new AbortController();
  const { signal } = pending;
  const begin = performance.now();
  try {
    const record = when === "now" && prompt.value.trim() !== "";
    const request = { prompt: prompt.value, candidates: [], signal };
    const decision = record ? await router.route(request) : await router.score(request);
    showDecision(decision, performance.now() - begin);
    await candidates?.rank();
    if (record) await history?.recordDecision(decision);
    void recordWhenIdle(router, decision, when, signal).catch(showFailure);
  } catch (error) {
    if (!signal.aborted) showFailure(error);
  }
}

/** When typing pauses: records the decision, and measures it warm. */
async function recordWhenIdle(
  router: Router,
  shown: RoutingResponse,
  when: Record,
  signal: AbortSignal,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  if (signal.aborted) return;
  const text = prompt.value;
  if (when === "idle" && text.trim() !== "") {
    const begin = performance.now();
    const recorded = await router.route({ prompt: text, candidates: [] });
    // Only now is an open breaker taken into account.
    if (recorded.reason !== shown.reason) showDecision(recorded, performance.now() - begin);
    await history?.recordDecision(recorded);
  }
  await showMedian(router, text, signal);
}

function showLength(): void {
  const { length } = prompt.value;
  setText("count", length > 0 ? `${formatCount(length)} character${length === 1 ? "" : "s"}` : "");
}

prompt.addEventListener("input", () => {
  showLength();
  pending.abort();
  window.clearTimeout(pause);
  pause = window.setTimeout(() => void decide("idle"), TYPING_PAUSE_MS);
});
prompt.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void decide("now");
});
showExamples(getElement("examples"), (example) => {
  prompt.value = example;
  showLength();
  void decide("now");
});

/** The engine compiles the kernel in its first calls; those are not what later ones cost. */
async function warmUp(router: Router): Promise<void> {
  for (let round = 0; round < 4; round++) {
    for (const [, example] of EXAMPLES) await router.score({ prompt: example });
  }
}

/** Starts the panels below the prompt. */
async function startPanels(router: Router): Promise<void> {
  const set = new CandidateSet(router, makeExampleCandidates());
  await set.hold();
  candidates = new CandidatesPanel(router, set, () => prompt.value);
  const bundle = new BundlePanel(router, set, async () => {
    await showAbout(router);
    await decide("never");
  });
  await bundle.start();
  history = new HistoryPanel(router, () => decide("never"));
  await history.start();
  await new BreakerPanel(router, () => decide("now")).start();
}

async function start(): Promise<void> {
  try {
    const loaded = await Router.load({ config, storage: "indexeddb", onProgress: showProgress });
    await warmUp(loaded);
    router = window.tinyDancer = loaded;
    await startPanels(router);
    await decide("never");
    showReady();
    await showAbout(router);
  } catch (error) {
    showFailure(error); // of a panel too: a page must not wait for ever
    return;
  }
  await saveForOffline();
}

prompt.value ||= EXAMPLES[0][1]; // a reload keeps what was typed
showLength();
void start();

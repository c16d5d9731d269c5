import { Router, type RoutingResponse } from "tiny-dancer";
import { showAbout } from "./about.js";
import { BreakerPanel } from "./breaker.js";
import { BundlePanel } from "./bundle.js";
import { exampleCandidates } from "./candidate-examples.js";
import { CandidateSet } from "./candidate-set.js";
import { CandidatesPanel } from "./candidates.js";
import { showDecision } from "./decision.js";
import { EXAMPLES, showExamples } from "./examples.js";
import { count } from "./format.js";
import { HistoryPanel } from "./history.js";
import { showFailure, showProgress, showReady } from "./loading.js";
import { saveForOffline } from "./offline.js";
import { element, setText, textArea } from "./page.js";
import { config } from "./settings.js";
import { showMedian } from "./timing.js";

declare global {
  interface Window {
    /** The page's router, for the console. */
    tinyDancer?: Router;
  }
}

const TYPING_PAUSE_MS = 90;
/** Who pauses so long has asked. */
const REST_MS = 350;

/** When a decision is kept: at once, when typing rests, or not at all. */
type Keep = "now" | "rested" | "never";

const prompt = textArea("prompt");
let router: Router | undefined;
let candidates: CandidatesPanel | undefined;
let history: HistoryPanel | undefined;
let pause: number | undefined;
let asked = new AbortController();

/** Decides for what stands in the box; an earlier question that is still open is dropped. */
async function decide(keep: Keep): Promise<void> {
  window.clearTimeout(pause);
  if (!router) return;
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const begin = performance.now();
  try {
    const record = keep === "now" && prompt.value.trim() !== "";
    const decision = await router.route({ prompt: prompt.value, candidates: [], signal, record });
    showDecision(decision, performance.now() - begin);
    await candidates?.rank();
    if (record) await history?.decided(decision);
    void rested(router, decision, keep, signal).catch(showFailure);
  } catch (error) {
    if (!signal.aborted) showFailure(error);
  }
}

/** When typing rests: keeps the decision, and measures it warm. */
async function rested(
  router: Router,
  shown: RoutingResponse,
  keep: Keep,
  signal: AbortSignal,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  if (signal.aborted) return;
  const text = prompt.value;
  if (keep === "rested" && text.trim() !== "") {
    const begin = performance.now();
    const kept = await router.route({ prompt: text, candidates: [] });
    // An open breaker is asked only now.
    if (kept.reason !== shown.reason) showDecision(kept, performance.now() - begin);
    await history?.decided(kept);
  }
  await showMedian(router, text, signal);
}

function promptChanged(): void {
  const { length } = prompt.value;
  setText("count", length > 0 ? `${count(length)} character${length === 1 ? "" : "s"}` : "");
}

prompt.addEventListener("input", () => {
  promptChanged();
  asked.abort();
  window.clearTimeout(pause);
  pause = window.setTimeout(() => void decide("rested"), TYPING_PAUSE_MS);
});
prompt.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void decide("now");
});
showExamples(element("examples"), (example) => {
  prompt.value = example;
  promptChanged();
  void decide("now");
});

/** The engine compiles the kernel in its first calls; those are not what later ones cost. */
async function warmUp(router: Router): Promise<void> {
  for (let round = 0; round < 4; round++) {
    for (const [, example] of EXAMPLES) await router.route({ prompt: example, record: false });
  }
}

/** What the page offers beside the prompt: candidates, and bundles of one's own. */
async function editors(router: Router): Promise<void> {
  const set = new CandidateSet(router, exampleCandidates());
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
  } catch (error) {
    showFailure(error);
    return;
  }
  await editors(router);
  await decide("never");
  showReady();
  await showAbout(router);
  await saveForOffline();
}

prompt.value ||= EXAMPLES[0][1]; // a reload keeps what was typed
promptChanged();
void start();

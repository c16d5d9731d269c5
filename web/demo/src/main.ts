import { Router, type RoutingResponse } from "tiny-dancer";
import { showAbout } from "./about.js";
import { Calculator } from "./batch/calculator.js";
import { BatchPanel } from "./batch/panel.js";
import { BreakerPanel } from "./breaker/panel.js";
import { BundlePanel } from "./bundle/panel.js";
import { makeExampleCandidates } from "./candidates/examples.js";
import { CandidatesPanel } from "./candidates/panel.js";
import { CandidateSet } from "./candidates/set.js";
import { acceptDrops } from "./drops.js";
import { EXAMPLES, showExamples } from "./examples.js";
import { HistoryPanel } from "./history/panel.js";
import { readLink, startInstall } from "./install/panel.js";
import { followKeyboard } from "./keyboard.js";
import { startLiveLink } from "./live/open.js";
import { showFailure, showLoading, showProgress, showReady } from "./loading.js";
import { startMoney } from "./money/panel.js";
import { getPrices, onPrices } from "./money/prices.js";
import { saveForOffline } from "./offline.js";
import { getElement, getSelect, getTextArea } from "./page.js";
import { PromptBox } from "./prompt.js";
import { startProof } from "./proof/panel.js";
import { makeConfig } from "./settings.js";
import { TrustPanel } from "./trust/panel.js";
import { showDetails } from "./verdict/details.js";
import { MovedWords } from "./verdict/moved.js";
import { showMedian } from "./verdict/timing.js";
import { showVerdict } from "./verdict/verdict.js";
import { chooseLanguage, type Language, onLanguage, setLanguage } from "./words/language.js";

declare global {
  interface Window {
    /** The page's router, for the console. */
    tinyDancer?: Router;
  }
}

/** After such a pause a prompt counts as asked. */
const IDLE_MS = 350;

/** When a decision is recorded: at once, when typing pauses, or not at all. */
type Record = "now" | "idle" | "never";

let router: Router | undefined;
let candidates: CandidatesPanel | undefined;
let history: HistoryPanel | undefined;
let moved: MovedWords | undefined;
let batch: BatchPanel | undefined;
let shown: { readonly decision: RoutingResponse; readonly prompt: string; readonly roundTripMs: number } | undefined;
let pending = new AbortController();

/** Decides for the prompt in the box; an earlier call that is still pending is dropped. */
async function decide(when: Record): Promise<void> {
  if (!router) return;
  pending.abort();
  pending = new AbortController();
  const { signal } = pending;
  const begin = performance.now();
  const text = prompt.text;
  try {
    const record = when === "now" && text.trim() !== "";
    const request = { prompt: text, candidates: [], signal };
    const decision = record ? await router.route(request) : await router.score(request);
    show(decision, text, performance.now() - begin);
    moved?.hide();
    await candidates?.rank();
    if (record) await history?.recordDecision(decision);
    void recordWhenIdle(router, decision, when, signal).catch(showFailure);
  } catch (error) {
    if (!signal.aborted) showFailure(error);
  }
}

function show(decision: RoutingResponse, text: string, roundTripMs: number): void {
  shown = { decision, prompt: text, roundTripMs };
  showVerdict(decision, text);
  showDetails(decision, roundTripMs);
}

/** When typing pauses: records the decision, says which words moved it, and measures it warm. */
async function recordWhenIdle(router: Router, before: RoutingResponse, when: Record, signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  if (signal.aborted) return;
  const { text } = prompt;
  if (when === "idle" && text.trim() !== "") {
    const begin = performance.now();
    const recorded = await router.route({ prompt: text, candidates: [] });
    // Only now is an open breaker taken into account.
    if (recorded.reason !== before.reason) show(recorded, text, performance.now() - begin);
    await history?.recordDecision(recorded);
  }
  await moved?.show(text, signal);
  await showMedian(router, text, signal);
}

/** The engine compiles the kernel in its first calls; those are not what later ones cost. */
async function warmUp(router: Router): Promise<void> {
  for (let round = 0; round < 4; round++) {
    for (const { prompt } of EXAMPLES) await router.score({ prompt });
  }
}

/** Starts the panels below the prompt. */
async function startPanels(router: Router): Promise<void> {
  const set = new CandidateSet(router, makeExampleCandidates());
  await set.hold();
  candidates = new CandidatesPanel(router, set, () => prompt.text);
  moved = new MovedWords(router);
  const calculator = new Calculator();
  calculator.start();
  batch = new BatchPanel(router, calculator);
  batch.start();
  const bundle = new BundlePanel(router, set, async () => {
    await showAbout(router);
    await decide("never");
  });
  await bundle.start();
  acceptDrops({
    prompts: (file) => void batch?.load(file),
    bundle: (file) => void bundle.load(file),
  });
  // Recorded where failures are simulated alone: a deleted history stays empty, in every tab.
  const breaker = new BreakerPanel(router, (isSimulated) => decide(isSimulated ? "now" : "never"));
  history = new HistoryPanel(router, async () => {
    breaker.reset();
    await decide("never");
    await trust.refresh();
  });
  const trust = new TrustPanel(router, () => prompt.text, async () => {
    await decide("never");
    await history?.changed();
  });
  await history.start();
  await trust.start();
  await breaker.start();
}

/** Loads the run time; what was cancelled or failed can be loaded again. */
async function start(): Promise<void> {
  const cancel = new AbortController();
  getElement("loading-cancel").onclick = () => {
    cancel.abort();
  };
  try {
    const config = makeConfig(getPrices());
    const loaded = await Router.load({ config, storage: "indexeddb", onProgress: showProgress, signal: cancel.signal });
    await warmUp(loaded);
    router = window.tinyDancer = loaded;
    await startPanels(router);
    await decide("never");
    showReady();
    await batch?.measureExamples();
    await showAbout(router);
    onLanguage(() => {
      if (router) void showAbout(router);
    });
  } catch (error) {
    showFailure(error); // of a panel too: a page must not wait for ever
    return;
  }
  await saveForOffline();
}

function redraw(): void {
  if (shown) show(shown.decision, shown.prompt, shown.roundTripMs);
}

const prompt = new PromptBox((when) => decide(when), () => {
  pending.abort();
});
const link = readLink();
await setLanguage(chooseLanguage(link.language), link.language !== undefined);
getSelect("language").value = document.documentElement.lang;
getSelect("language").addEventListener("change", () => {
  void setLanguage(getSelect("language").value as Language);
});
startMoney();
startInstall();
startProof();
startLiveLink();
followKeyboard();
showExamples(getElement("examples"), (example) => {
  prompt.set(example);
});
onLanguage(redraw);
onPrices(redraw);
getElement("money-link").addEventListener("click", () => {
  (getElement("money") as HTMLDetailsElement).open = true;
});
getElement("load-again").addEventListener("click", () => {
  if (router) location.reload(); // a part of the page has failed, not its start
  else {
    showLoading();
    void start();
  }
});
prompt.begin(link.prompt ?? getTextArea("prompt").value); // a reload keeps what was typed
void start();

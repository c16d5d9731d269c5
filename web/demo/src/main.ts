import { Router } from "tiny-dancer";
import { showAbout } from "./about.js";
import { BundlePanel } from "./bundle.js";
import { exampleCandidates } from "./candidate-examples.js";
import { CandidateSet } from "./candidate-set.js";
import { CandidatesPanel } from "./candidates.js";
import { showDecision } from "./decision.js";
import { EXAMPLES, showExamples } from "./examples.js";
import { count } from "./format.js";
import { showFailure, showProgress, showReady } from "./loading.js";
import { saveForOffline } from "./offline.js";
import { element, setText, textArea } from "./page.js";
import { showMedian } from "./timing.js";

declare global {
  interface Window {
    /** The page's router, for the console. */
    tinyDancer?: Router;
  }
}

const TYPING_PAUSE_MS = 90;

const prompt = textArea("prompt");
let router: Router | undefined;
let candidates: CandidatesPanel | undefined;
let pause: number | undefined;
let asked = new AbortController();

/** Decides for what stands in the box; an earlier question that is still open is dropped. */
async function decide(): Promise<void> {
  window.clearTimeout(pause);
  if (!router) return;
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const begin = performance.now();
  try {
    const decision = await router.route({ prompt: prompt.value, candidates: [], signal });
    showDecision(decision, performance.now() - begin);
    await candidates?.rank();
    void showMedian(router, prompt.value, signal).catch(showFailure);
  } catch (error) {
    if (!signal.aborted) showFailure(error);
  }
}

function promptChanged(): void {
  const { length } = prompt.value;
  setText("count", length > 0 ? `${count(length)} character${length === 1 ? "" : "s"}` : "");
}

prompt.addEventListener("input", () => {
  promptChanged();
  window.clearTimeout(pause);
  pause = window.setTimeout(() => void decide(), TYPING_PAUSE_MS);
});
prompt.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void decide();
});
showExamples(element("examples"), (example) => {
  prompt.value = example;
  promptChanged();
  void decide();
});

/** The engine compiles the kernel in its first calls; those are not what later ones cost. */
async function warmUp(router: Router): Promise<void> {
  for (let round = 0; round < 4; round++) {
    for (const [, example] of EXAMPLES) await router.route({ prompt: example });
  }
}

/** What the page offers beside the prompt: candidates, and bundles of one's own. */
async function editors(router: Router): Promise<void> {
  const set = new CandidateSet(router, exampleCandidates());
  await set.hold();
  candidates = new CandidatesPanel(router, set, () => prompt.value);
  const bundle = new BundlePanel(router, set, async () => {
    await showAbout(router);
    await decide();
  });
  await bundle.start();
}

async function start(): Promise<void> {
  const base = new URL(`${document.documentElement.dataset["base"] ?? "./"}runtime/`, document.baseURI);
  try {
    const loaded = await Router.load({ base, onProgress: showProgress });
    await warmUp(loaded);
    router = window.tinyDancer = loaded;
  } catch (error) {
    showFailure(error);
    return;
  }
  await editors(router);
  await decide();
  showReady();
  await showAbout(router);
  await saveForOffline();
}

prompt.value ||= EXAMPLES[0][1]; // a reload keeps what was typed
promptChanged();
void start();

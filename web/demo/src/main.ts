import { Router } from "tiny-dancer";
import { showAbout } from "./about.js";
import { showDecision } from "./decision.js";
import { EXAMPLES, showExamples } from "./examples.js";
import { count } from "./format.js";
import { showFailure, showProgress, showReady } from "./loading.js";
import { saveForOffline } from "./offline.js";
import { element, setText } from "./page.js";
import { showMedian } from "./timing.js";

declare global {
  interface Window {
    /** The page's router, for the console. */
    tinyDancer?: Router;
  }
}

const TYPING_PAUSE_MS = 90;

const prompt = element("prompt") as HTMLTextAreaElement;
let router: Router | undefined;
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
    const decision = await router.route({ prompt: prompt.value, signal });
    showDecision(decision, performance.now() - begin);
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
  await decide();
  showReady();
  await showAbout(router);
  await saveForOffline();
}

prompt.value ||= EXAMPLES[0][1]; // a reload keeps what was typed
promptChanged();
void start();

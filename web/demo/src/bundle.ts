import { BundleError, type Router } from "tiny-dancer";
import type { CandidateSet } from "./candidate-set.js";
import { formatCount } from "./format.js";
import { showFacts } from "./inspect.js";
import { getElement, getInput, makeElement, setText, showFault } from "./page.js";

/** Far above the size of any bundle: a larger file is not read. */
const LARGEST_BYTES = 64e6;

/** Loads a bundle of the user’s own, and the default one again. */
export class BundlePanel {
  readonly #router: Router;
  readonly #set: CandidateSet;
  readonly #changed: () => Promise<void>;
  #busy = false;

  constructor(router: Router, set: CandidateSet, changed: () => Promise<void>) {
    this.#router = router;
    this.#set = set;
    this.#changed = changed;
  }

  /** Shows the loaded bundle and accepts files from now on. */
  async start(): Promise<void> {
    const picker = getInput("bundle-file");
    picker.disabled = false;
    picker.addEventListener("change", () => {
      const file = picker.files?.[0];
      if (file) void this.load(file);
      picker.value = ""; // the same file again is a change too
    });
    getElement("bundle-restore").addEventListener("click", () => void this.load());
    acceptDrops((file) => void this.load(file));
    await this.#show();
  }

  /** Loads a file, or the default bundle; what is rejected changes nothing. */
  async load(file?: File): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const panel = getElement("bundle");
    panel.dataset["state"] = "loading";
    showFault("bundle-fault");
    try {
      const bytes = file && (await readFile(file));
      await this.#set.releaseDuring(() => this.#router.reloadModel(bytes));
      await this.#show(file);
      if (!file) getElement("bundle-title").focus(); // its button is gone
    } catch (error) {
      showFault("bundle-fault", error);
      const refused = `${file ? `“${file.name}”` : "The default bundle"} was rejected; the bundle above stays loaded.`;
      getElement("bundle-fault").prepend(makeElement("strong", "", refused));
    } finally {
      panel.dataset["state"] = "ready";
      this.#busy = false;
    }
    await this.#changed();
  }

  async #show(file?: File): Promise<void> {
    const facts = await this.#router.inspect();
    const { candidates } = await this.#router.ready;
    const able = candidates ? "decides for prompts and ranks candidates" : "decides for prompts";
    const name = file ? `“${file.name}”` : "Default bundle";
    const size = facts && `${formatCount(Number(facts.bundle["bytes"]))} bytes`;
    setText("bundle-name", size ? `${name}: ${size}; it ${able}.` : "None: every prompt goes to the powerful model.");
    getElement("bundle-restore").hidden = !file;
    if (facts) showFacts(facts);
  }
}

async function readFile(file: File): Promise<ArrayBuffer> {
  if (file.size > LARGEST_BYTES) {
    throw new BundleError(`file: ${formatCount(file.size)} bytes, at most ${formatCount(LARGEST_BYTES)} are read`);
  }
  return file.arrayBuffer();
}

/** Accepts a file dropped anywhere on the page; the browser would navigate to it. */
function acceptDrops(accept: (file: File) => void): void {
  const zone = getElement("drop");
  const holdsFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  window.addEventListener("dragover", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    zone.dataset["over"] = "true";
  });
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete zone.dataset["over"];
  });
  window.addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    delete zone.dataset["over"];
    const file = event.dataTransfer?.files[0];
    if (file) accept(file);
  });
}

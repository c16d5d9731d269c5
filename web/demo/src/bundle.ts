import { BundleError, type Router } from "tiny-dancer";
import type { CandidateSet } from "./candidate-set.js";
import { count } from "./format.js";
import { showFacts } from "./inspect.js";
import { element, input, make, setText, showFault } from "./page.js";

/** Far above what a bundle may have: a file like that is not even read. */
const LARGEST_BYTES = 64e6;

/** Lets a person put a bundle of their own into service, and the shipped one back. */
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

  /** Shows the bundle in service and takes files from now on. */
  async start(): Promise<void> {
    const picker = input("bundle-file");
    picker.disabled = false;
    picker.addEventListener("change", () => {
      const file = picker.files?.[0];
      if (file) void this.load(file);
      picker.value = ""; // the same file again is a change too
    });
    element("bundle-restore").addEventListener("click", () => void this.load());
    takeDrops((file) => void this.load(file));
    await this.#show();
  }

  /** Puts a file into service, or the shipped bundle; what is refused changes nothing. */
  async load(file?: File): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const panel = element("bundle");
    panel.dataset["state"] = "loading";
    showFault("bundle-fault");
    try {
      const bytes = file && (await read(file));
      await this.#set.across(() => this.#router.reloadModel(bytes));
      await this.#show(file);
      if (!file) element("bundle-title").focus(); // its button is gone
    } catch (error) {
      showFault("bundle-fault", error);
      const refused = `${file ? `“${file.name}”` : "The shipped bundle"} was refused; the one above stays in service.`;
      element("bundle-fault").prepend(make("strong", "", refused));
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
    const name = file ? `“${file.name}”` : "The one that ships with this page";
    const size = facts && `${count(Number(facts.bundle["bytes"]))} bytes`;
    setText("bundle-name", size ? `${name}: ${size}; it ${able}.` : "None: nothing is decided in favour of light.");
    element("bundle-restore").hidden = !file;
    if (facts) showFacts(facts);
  }
}

async function read(file: File): Promise<ArrayBuffer> {
  if (file.size > LARGEST_BYTES) {
    throw new BundleError(`file: ${count(file.size)} bytes are far too many for a bundle.`);
  }
  return file.arrayBuffer();
}

/** A file dropped anywhere on the page is taken; the browser would leave the page for it. */
function takeDrops(take: (file: File) => void): void {
  const zone = element("drop");
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
    if (file) take(file);
  });
}

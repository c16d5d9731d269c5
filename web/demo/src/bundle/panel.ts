import { BundleError, type Router } from "tiny-dancer";
import type { CandidateSet } from "../candidates/set.js";
import { formatCount } from "../format.js";
import { showFacts } from "./inspect.js";
import { getElement, getInput, makeElement, setText, showFault } from "../page.js";
import { onLanguage, t } from "../words/language.js";

/** Far above the size of any bundle: a larger file is not read. */
const LARGEST_BYTES = 64e6;

/** Loads a bundle of the user’s own, and the default one again. */
export class BundlePanel {
  readonly #router: Router;
  readonly #set: CandidateSet;
  readonly #changed: () => Promise<void>;
  #busy = false;
  #file: File | undefined;

  constructor(router: Router, set: CandidateSet, changed: () => Promise<void>) {
    this.#router = router;
    this.#set = set;
    this.#changed = changed;
  }

  /** Shows the loaded bundle and accepts files from now on. */
  async start(): Promise<void> {
    const picker = getInput("bundle-file");
    picker.addEventListener("change", () => {
      const file = picker.files?.[0];
      if (file) void this.load(file);
      picker.value = ""; // the same file again is a change too
    });
    getElement("bundle-restore").addEventListener("click", () => void this.load());
    onLanguage(() => void this.#show());
    await this.#show();
  }

  /** Loads a file, or the default bundle; what is rejected changes nothing. */
  async load(file?: File): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const panel = getElement("bundle");
    if (file) (panel as HTMLDetailsElement).open = true;
    panel.dataset["state"] = "loading";
    showFault("bundle-fault");
    try {
      const bytes = file && (await readFile(file));
      await this.#set.releaseDuring(() => this.#router.reloadModel(bytes));
      this.#file = file;
      await this.#show();
      if (!file) getElement("bundle-title").focus(); // its button is gone
    } catch (error) {
      showFault("bundle-fault", error);
      const refused = t("bundle.refused", { name: file ? `“${file.name}”` : t("bundle.default") });
      getElement("bundle-fault").prepend(makeElement("strong", "", refused));
    }
    await this.#changed().finally(() => {
      panel.dataset["state"] = "ready";
      this.#busy = false;
    });
  }

  async #show(): Promise<void> {
    const file = this.#file;
    const facts = await this.#router.inspect();
    const { candidates } = await this.#router.ready;
    const name = file ? `“${file.name}”` : t("bundle.default");
    const values = { name, size: facts ? formatCount(Number(facts.bundle["bytes"])) : "" };
    setText("bundle-name", facts ? t(candidates ? "bundle.ranks" : "bundle.decides", values) : t("bundle.none"));
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

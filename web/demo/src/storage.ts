import { estimate, persist } from "tiny-dancer";
import { formatBytes } from "./format.js";
import { getElement, setText } from "./page.js";

const PLAIN_HTTP =
  "This page came over plain http: the history is stored, but the browser may delete it, does not say " +
  "how much space is left, and cannot save the page for offline use.";

/** How much space the browser grants this page, and whether it may delete the data. */
export class StorageLine {
  #persisted = false;

  async start(): Promise<void> {
    if (!window.isSecureContext) return;
    this.#persisted = await navigator.storage.persisted();
    const ask = getElement("storage-persist");
    ask.hidden = this.#persisted;
    ask.addEventListener("click", () => {
      void this.#ask();
    });
  }

  async show(): Promise<void> {
    const space = await estimate();
    if (!space) {
      setText("storage-text", PLAIN_HTTP);
      return;
    }
    const { usage, quota } = space;
    const promise = this.#persisted
      ? "The browser keeps this data until you delete it."
      : "The browser may delete this data when disk space is low.";
    const used = `${formatBytes(usage)} of ${formatBytes(quota)} used, including this page’s files.`;
    setText("storage-text", `${used} ${promise}`);
  }

  async #ask(): Promise<void> {
    this.#persisted = await persist();
    const ask = getElement("storage-persist");
    ask.hidden = this.#persisted;
    ask.textContent = "Not granted; ask again";
    await this.show();
  }
}

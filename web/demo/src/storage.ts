import { estimate, persist } from "tiny-dancer";
import { formatBytes } from "./format.js";
import { getElement, setText } from "./page.js";

/** How much space the browser grants this page, and whether it may delete the data. */
export class StorageLine {
  #persisted = false;

  async start(): Promise<void> {
    this.#persisted = await navigator.storage.persisted();
    const ask = getElement("storage-persist");
    ask.hidden = this.#persisted;
    ask.addEventListener("click", () => {
      void this.#ask();
    });
  }

  async show(): Promise<void> {
    const { usage, quota } = await estimate();
    const promise = this.#persisted
      ? "The browser keeps this data until you delete it."
      : "The browser may delete this data when disk space is low.";
    setText("storage-text", `${formatBytes(usage)} of ${formatBytes(quota)} used, including this page’s files. ${promise}`);
  }

  async #ask(): Promise<void> {
    this.#persisted = await persist();
    const ask = getElement("storage-persist");
    ask.hidden = this.#persisted;
    ask.textContent = "Not granted; ask again";
    await this.show();
  }
}

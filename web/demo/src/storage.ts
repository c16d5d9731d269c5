import { estimate, persist } from "tiny-dancer";
import { bytes } from "./format.js";
import { element, setText } from "./page.js";

/** How much room the browser gives this page, and whether it may clear it. */
export class StorageLine {
  #persisted = false;

  async start(): Promise<void> {
    this.#persisted = await navigator.storage.persisted();
    const ask = element("storage-persist");
    ask.hidden = this.#persisted;
    ask.addEventListener("click", () => {
      void this.#ask();
    });
  }

  async show(): Promise<void> {
    const { usage, quota } = await estimate();
    const promise = this.#persisted
      ? "The browser keeps it until you delete it."
      : "Where space runs low, the browser may clear it.";
    setText("storage-text", `${bytes(usage)} of ${bytes(quota)} used, this page’s files among them. ${promise}`);
  }

  async #ask(): Promise<void> {
    this.#persisted = await persist();
    const ask = element("storage-persist");
    ask.hidden = this.#persisted;
    ask.textContent = "It declined; ask again";
    await this.show();
  }
}

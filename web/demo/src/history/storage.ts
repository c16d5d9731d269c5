import { estimate, persist } from "tiny-dancer";
import { formatBytes } from "../format.js";
import { getElement, setText } from "../page.js";
import { t } from "../words/language.js";

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
      setText("storage-text", t("storage.http"));
      return;
    }
    const { usage, quota } = space;
    const used = t("storage.used", { used: formatBytes(usage), quota: formatBytes(quota) });
    setText("storage-text", `${used} ${t(this.#persisted ? "storage.kept" : "storage.may-go")}`);
  }

  async #ask(): Promise<void> {
    this.#persisted = await persist();
    const ask = getElement("storage-persist");
    ask.hidden = this.#persisted;
    ask.textContent = t("storage.again");
    await this.show();
  }
}

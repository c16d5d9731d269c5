import { EXAMPLES } from "./examples.js";
import { formatCount } from "./format.js";
import { getTextArea, setText } from "./page.js";
import { onLanguage, t } from "./words/language.js";

const TYPING_PAUSE_MS = 90;

/** The box for the prompt: it is decided while one types, and asked with Ctrl or Cmd and Enter. */
export class PromptBox {
  readonly #box = getTextArea("prompt");
  readonly #decide: (when: "now" | "idle") => Promise<void>;
  #pause: number | undefined;

  /** @param changed is called at once when the text is another, before it is decided */
  constructor(decide: (when: "now" | "idle") => Promise<void>, changed: () => void) {
    this.#decide = decide;
    this.#box.addEventListener("input", () => {
      this.#showLength();
      changed();
      window.clearTimeout(this.#pause);
      this.#pause = window.setTimeout(() => void decide("idle"), TYPING_PAUSE_MS);
    });
    this.#box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      this.#now();
    });
    onLanguage(() => {
      this.#showLength();
    });
  }

  get text(): string {
    return this.#box.value;
  }

  /** What stands there at first: a text, or the first example. */
  begin(text: string): void {
    this.#box.value = text || EXAMPLES[0].prompt;
    this.#showLength();
  }

  /** Puts a prompt there and decides for it. */
  set(text: string): void {
    this.#box.value = text;
    this.#showLength();
    this.#now();
  }

  #now(): void {
    window.clearTimeout(this.#pause);
    void this.#decide("now");
  }

  #showLength(): void {
    const { length } = this.#box.value;
    setText("count", length > 0 ? t(length === 1 ? "ask.character" : "ask.characters", { n: formatCount(length) }) : "");
  }
}

import type { Mode, Router } from "tiny-dancer";
import { type Call, callLight } from "./calls.js";
import { element, input, make, setText, showFault } from "./page.js";
import { BREAKER_NOTE } from "./settings.js";

const LOOK_MS = 250;
/** Every third look makes a call. */
const LOOKS_A_CALL = 3;
const SHOWN_CALLS = 40;

const SENTENCES: Record<Mode, string> = {
  closed: "The light model is trusted.",
  open: "It failed too often: its share goes to the powerful model.",
  half_open: "At most three probes at a time; two answers close it.",
  forced_open: "Held open.",
  forced_closed: "Held closed.",
};
const NAMES: Record<Call, string> = {
  answered: "answered",
  failed: "failed",
  away: "sent to the powerful model",
};

/** Shows the light model's breaker live, and lets a person make its calls fail. */
export class BreakerPanel {
  readonly #router: Router;
  readonly #changed: () => Promise<void>;
  readonly #calls: Call[] = [];
  #model = "";
  #mode: Mode = "closed";
  #looks = 0;

  /** @param changed is awaited whenever the breaker goes from one state to another */
  constructor(router: Router, changed: () => Promise<void>) {
    this.#router = router;
    this.#changed = changed;
  }

  /** Shows the state now and from now on. A bundle without a light model has nothing to show. */
  async start(): Promise<void> {
    setText("breaker-note", BREAKER_NOTE);
    input("failing").checked = false; // browsers keep a box through a reload
    input("failing").addEventListener("change", () => {
      this.#looks = 0; // the first call comes at once
    });
    await this.#step();
    void this.#run();
  }

  /** True while calls are made up: they are made to fail, or have to show that they do not. */
  get #active(): boolean {
    return input("failing").checked || this.#mode === "open" || this.#mode === "half_open";
  }

  async #run(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (document.visibilityState === "visible") await this.#step();
    }
  }

  async #step(): Promise<void> {
    try {
      await this.#look();
      if (this.#active && this.#looks++ % LOOKS_A_CALL === 0) {
        this.#calls.push(await callLight(this.#router, this.#mode, input("failing").checked));
        this.#calls.splice(0, this.#calls.length - SHOWN_CALLS);
        this.#showCalls();
        await this.#look();
      }
      showFault("breaker-fault");
    } catch (error) {
      showFault("breaker-fault", error);
    }
  }

  async #look(): Promise<void> {
    const { models } = await this.#router.ready;
    element("breaker").hidden = models.length < 2;
    this.#model = models[0] ?? "";
    const { breakers } = await this.#router.metrics();
    const mode = breakers.find(({ model }) => model === this.#model)?.mode ?? "closed";
    const wait = mode === "open" ? await this.#router.retryAfterS("light") : null;
    setText("breaker-wait", wait === null ? "" : `probes in ${wait.toFixed(1)} s`);
    if (mode === this.#mode && element("breaker").dataset["mode"]) return;
    const first = !element("breaker").dataset["mode"];
    this.#mode = mode;
    this.#showMode();
    if (!first || mode !== "closed") await this.#changed();
  }

  #showMode(): void {
    element("breaker").dataset["mode"] = this.#mode;
    setText("breaker-text", SENTENCES[this.#mode]);
    for (const state of element("breaker-states").children) {
      const isThis = (state as HTMLElement).dataset["mode"] === this.#mode;
      if (isThis) state.setAttribute("aria-current", "step");
      else state.removeAttribute("aria-current");
    }
  }

  #showCalls(): void {
    const dots = this.#calls.map((call) => make("span", call));
    element("calls").replaceChildren(...dots);
    const last = this.#calls.at(-1);
    element("calls").ariaLabel = last ? `The last call: ${NAMES[last]}` : "No calls yet";
  }
}

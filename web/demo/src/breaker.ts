import type { Mode, Router } from "tiny-dancer";
import { type Call, callLight } from "./calls.js";
import { getElement, getInput, makeElement, setText, showFault } from "./page.js";
import { BREAKER_NOTE } from "./settings.js";

const LOOK_MS = 250;
/** Every third look makes a call. */
const LOOKS_A_CALL = 3;
const SHOWN_CALLS = 40;

const SENTENCES: Record<Mode, string> = {
  closed: "Calls go to the light model.",
  open: "The light model failed too often; requests go to the powerful model.",
  half_open: "At most three probes at a time; two successes close it.",
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
    getInput("failing").checked = false; // browsers keep a box through a reload
    getInput("failing").addEventListener("change", () => {
      this.#looks = 0; // the first call comes at once
    });
    await this.#step();
    void this.#run();
  }

  /** True while calls are simulated: they are made to fail, or test a recovery. */
  get #active(): boolean {
    return getInput("failing").checked || this.#mode === "open" || this.#mode === "half_open";
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
        this.#calls.push(await callLight(this.#router, this.#mode, getInput("failing").checked));
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
    getElement("breaker").hidden = models.length < 2;
    this.#model = models[0] ?? "";
    const { breakers } = await this.#router.metrics();
    const mode = breakers.find(({ model }) => model === this.#model)?.mode ?? "closed";
    const wait = mode === "open" ? await this.#router.retryAfterS("light") : null;
    setText("breaker-wait", wait === null ? "" : `probes in ${wait.toFixed(1)} s`);
    if (mode === this.#mode && getElement("breaker").dataset["mode"]) return;
    const first = !getElement("breaker").dataset["mode"];
    this.#mode = mode;
    this.#showMode();
    if (!first || mode !== "closed") await this.#changed();
  }

  #showMode(): void {
    getElement("breaker").dataset["mode"] = this.#mode;
    setText("breaker-text", SENTENCES[this.#mode]);
    for (const state of getElement("breaker-states").children) {
      const isThis = (state as HTMLElement).dataset["mode"] === this.#mode;
      if (isThis) state.setAttribute("aria-current", "step");
      else state.removeAttribute("aria-current");
    }
  }

  #showCalls(): void {
    const dots = this.#calls.map((call) => makeElement("span", call));
    getElement("calls").replaceChildren(...dots);
    const last = this.#calls.at(-1);
    getElement("calls").ariaLabel = last ? `The last call: ${NAMES[last]}` : "No calls yet";
  }
}

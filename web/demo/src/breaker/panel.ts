import type { Mode, Router } from "tiny-dancer";
import { type Call, callLight } from "./calls.js";
import { announce, getElement, getInput, makeElement, setText, showFault } from "../page.js";
import { DEFAULT_OPEN_S, OPEN_S } from "../settings.js";
import { onLanguage, t } from "../words/language.js";

const LOOK_MS = 250;
/** Every third look makes a call. */
const LOOKS_A_CALL = 3;
const SHOWN_CALLS = 40;

/** Shows the light model's breaker live, and lets a person make its calls fail. */
export class BreakerPanel {
  readonly #router: Router;
  readonly #changed: (isSimulated: boolean) => Promise<void>;
  readonly #calls: Call[] = [];
  #model = "";
  #mode: Mode = "closed";
  #looks = 0;

  /** @param changed is awaited whenever the breaker goes from one state to another; true while this tab fails calls */
  constructor(router: Router, changed: (isSimulated: boolean) => Promise<void>) {
    this.#router = router;
    this.#changed = changed;
  }

  /** Shows the state now and from now on. A bundle without a light model has nothing to show. */
  async start(): Promise<void> {
    getInput("failing").checked = false; // browsers keep a box through a reload
    getInput("failing").addEventListener("change", () => {
      this.#looks = 0; // the first call comes at once
    });
    onLanguage(() => {
      this.#showMode();
      this.#showCalls();
    });
    await this.#step();
    void this.#run();
  }

  /** Ends the simulation, as when the history with the breaker's state is deleted. */
  reset(): void {
    getInput("failing").checked = false;
    this.#calls.length = 0;
    this.#looks = 0;
    this.#showCalls();
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
    setText("breaker-wait", wait === null ? "" : t("breaker.wait", { s: wait.toFixed(1) }));
    if (mode === this.#mode && getElement("breaker").dataset["mode"]) return;
    const first = !getElement("breaker").dataset["mode"];
    this.#mode = mode;
    this.#showMode();
    announceMode(first, mode);
    if (!first || mode !== "closed") await this.#changed(getInput("failing").checked);
  }

  #showMode(): void {
    getElement("breaker").dataset["mode"] = this.#mode;
    setText("breaker-note", t("breaker.note", { open: OPEN_S, usual: DEFAULT_OPEN_S }));
    setText("breaker-text", t(`breaker.mode.${this.#mode}`));
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
    getElement("calls").ariaLabel = last ? t("breaker.last", { call: t(`breaker.call.${last}`) }) : t("breaker.no-calls");
  }
}

function announceMode(first: boolean, mode: Mode): void {
  if (!first) announce(t(`breaker.mode.${mode}`));
}

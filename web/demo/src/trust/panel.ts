import { type CertifiedPolicy, InvalidInputError, NotEnoughData, type Router } from "tiny-dancer";
import { type LabelledPrompt, parsePrompts } from "../batch/prompts.js";
import { formatCount, formatWholePercent } from "../format.js";
import { announce, getButton, getElement, getInput, getSelect, onClick, setText, showFault } from "../page.js";
import { onLanguage, t } from "../words/language.js";
import { inventMarks, recordMarks } from "./marks.js";
import type { Report } from "./report.js";

const EXAMPLES = 600;
/** Share of easy prompts that the invented light model fails, at first and when it got worse. */
const FAILING = 0.01;
const WORSE = 0.6;
const LOOK_MS = 2000;

/** From marks to a certified policy: collect, report, certify, watch, learn. */
export class TrustPanel {
  readonly #router: Router;
  readonly #prompt: () => string;
  readonly #changed: () => Promise<void>;
  #running: AbortController | undefined;
  #report: Report | undefined;
  /** Marks that are stored. */
  #marks = 0;

  /** @param changed is awaited when decisions were recorded or may be others from now on */
  constructor(router: Router, prompt: () => string, changed: () => Promise<void>) {
    this.#router = router;
    this.#prompt = prompt;
    this.#changed = changed;
  }

  async start(): Promise<void> {
    const { stored } = await this.#router.ready;
    if (!stored) {
      const controls = getElement("trust").querySelectorAll<HTMLButtonElement>("button, input, select");
      for (const control of controls) control.disabled = true;
      showFault("trust-fault", new InvalidInputError(t("trust.no-store")));
      return;
    }
    getElement("mark-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const prompt = this.#prompt();
      const score = (id: string) => (getInput(id).checked ? 1 : 0);
      const row = { prompt, lightScore: score("mark-light"), powerfulScore: score("mark-powerful") };
      if (prompt.trim() === "") showFault("trust-fault", new InvalidInputError(t("trust.no-prompt")));
      else void this.#record(() => Promise.resolve([row]));
    });
    const picker = getInput("trust-file");
    picker.addEventListener("change", () => {
      const file = picker.files?.[0];
      if (file) void this.#record(async () => parsePrompts(await file.text(), file.name));
      picker.value = "";
    });
    const invent = (failing: number) => () =>
      void this.#record(() => Promise.resolve(inventMarks(EXAMPLES, failing, 1 + this.#marks)));
    getElement("trust-example").addEventListener("click", invent(FAILING));
    getElement("trust-worse").addEventListener("click", invent(WORSE));
    getElement("trust-cancel").addEventListener("click", () => {
      this.#running?.abort();
    });
    onClick("report", "trust-fault", async () => {
      this.#report = (await this.#router.makeReport()) as unknown as Report;
      await this.#showReport();
      announce(getElement("report-verdict").textContent);
    });
    onClick("replay", "trust-fault", async () => {
      const { showReplay } = await import("./replay.js");
      await showReplay(this.#router);
    });
    onClick("certify", "trust-fault", () => this.#certify());
    onClick("drift-end", "trust-fault", async () => {
      await this.#router.acknowledgeDrift();
      await this.#watch();
      await this.#changed();
    });
    onClick("learn", "trust-fault", () => this.#learn());
    onLanguage(() => {
      void this.#showReport();
      void this.refresh();
    });
    await this.refresh();
    setInterval(() => {
      if (document.visibilityState === "visible") this.#watch().catch(() => undefined);
    }, LOOK_MS);
  }

  /** Shows how many marks there are and what the watch says. */
  async refresh(): Promise<void> {
    const { stored } = await this.#router.ready;
    if (!stored) return;
    const { models } = await this.#router.stats();
    this.#marks = Math.max(0, ...models.map(({ scored }) => scored));
    setText("trust-marks", t("trust.marks.count", { n: formatCount(this.#marks) }));
    await this.#watch();
  }

  async #showReport(): Promise<void> {
    if (!this.#report) return;
    const { showReport } = await import("./report.js"); // fetched when it is asked for
    showReport(this.#report);
  }

  async #record(read: () => Promise<LabelledPrompt[]>): Promise<void> {
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    const panel = getElement("trust");
    panel.dataset["state"] = "running";
    showFault("trust-fault");
    const bar = getElement("trust-progress") as HTMLProgressElement;
    const cancel = getButton("trust-cancel");
    bar.hidden = cancel.hidden = false;
    bar.value = 0;
    try {
      const rows = (await read()).filter(({ lightScore }) => lightScore !== undefined);
      if (rows.length === 0) throw new InvalidInputError(t("trust.no-marks"));
      bar.max = rows.length;
      const done = await recordMarks(this.#router, rows, running.signal, (n) => {
        bar.value = n;
      });
      announce(t("trust.recorded", { n: formatCount(done) }));
    } catch (error) {
      if (!running.signal.aborted) showFault("trust-fault", error);
    }
    if (this.#running !== running) return;
    bar.hidden = cancel.hidden = true;
    await this.refresh();
    await this.#changed();
    panel.dataset["state"] = "ready";
  }

  async #certify(): Promise<void> {
    const target = Number(getSelect("certify-target").value);
    const values = { target: formatWholePercent(target) };
    const result = getElement("certify-result");
    try {
      const policy = await this.#router.calibrate("quality_kept", target);
      const { lightShare, n } = readCertificate(policy);
      result.dataset["state"] = "certified";
      setText("certify-result", t("trust.certified", { ...values, n: formatCount(n), light: formatWholePercent(lightShare) }));
    } catch (error) {
      if (!(error instanceof NotEnoughData)) throw error;
      result.dataset["state"] = "refused";
      const numbers = error.message.match(/[\d,]+(?= further)|[\d,]+(?= at the rate)/g) ?? [];
      setText("certify-result", t(numbers.length > 0 ? "trust.refused" : "trust.never", { ...values, n: numbers.at(-1) ?? "" }));
    }
    result.hidden = false;
    announce(result.textContent);
    await this.#watch();
    await this.#changed();
  }

  async #learn(): Promise<void> {
    try {
      const { rung, n } = await this.#router.adapt();
      setText("learn-result", t(rung === "as shipped" ? "trust.learned.nothing" : "trust.learned", { n: formatCount(n) }));
    } catch (error) {
      const [, n] = /at least (\d+) paired outcomes/.exec(String(error)) ?? [];
      if (n === undefined) throw error;
      setText("learn-result", t("trust.learned.few", { n }));
    }
    const result = getElement("learn-result");
    result.hidden = false;
    announce(result.textContent);
    await this.#watch();
    await this.#changed();
  }

  async #watch(): Promise<void> {
    const drift = await this.#router.drift();
    const state = drift?.state ?? "none";
    const place = getElement("drift");
    const before = place.dataset["state"];
    place.dataset["state"] = state;
    setText("drift", t(`drift.${state}`, { n: formatCount(drift?.loss.n ?? 0) }));
    getElement("drift-end").hidden = state !== "alarm";
    if (state === before || before === undefined) return;
    if (state === "alarm") announce(place.textContent);
    await this.#changed();
  }
}

/** Share of light answers and number of pairs of a certified policy. */
function readCertificate(policy: CertifiedPolicy): { lightShare: number; n: number } {
  const certificate = policy["certificate"] as { readonly n: number } | null;
  const estimate = policy["estimate"] as { readonly light_share?: number } | null;
  return { lightShare: estimate?.light_share ?? 0, n: certificate?.n ?? 0 };
}

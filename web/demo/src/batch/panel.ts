import { InvalidInputError, type Router } from "tiny-dancer";
import { formatCount, formatMoney, formatWholePercent } from "../format.js";
import { getPrices, onPrices } from "../money/prices.js";
import { announce, download, getElement, getInput, onClick, setText, showFault } from "../page.js";
import { onLanguage, t } from "../words/language.js";
import type { Calculator } from "./calculator.js";
import { choose, type Scored, scoreAll, sumUp } from "./decisions.js";
import { EXAMPLE_PROMPTS } from "./examples.js";
import { type LabelledPrompt, parsePrompts } from "./prompts.js";
import { showTable, writeFile } from "./table.js";

/** Far above any list that a person looks through: a larger file is not read. */
const LARGEST_BYTES = 64e6;

/** Decides for a file of prompts, and again for any share of them without running the model. */
export class BatchPanel {
  readonly #router: Router;
  readonly #calculator: Calculator;
  #rows: readonly Scored[] = [];
  #source = "";
  /** Share of the prompts for the light model; null is the router's own choice. */
  #share: number | null = null;
  #running: AbortController | undefined;

  constructor(router: Router, calculator: Calculator) {
    this.#router = router;
    this.#calculator = calculator;
  }

  start(): void {
    const picker = getInput("batch-file");
    picker.addEventListener("change", () => {
      const file = picker.files?.[0];
      if (file) void this.load(file);
      picker.value = ""; // the same file again is a change too
    });
    getElement("batch-example").addEventListener("click", () => {
      void this.#run(() => Promise.resolve(EXAMPLE_PROMPTS.map((prompt) => ({ prompt }))), "");
    });
    getElement("batch-cancel").addEventListener("click", () => {
      this.#running?.abort();
    });
    const slider = getInput("batch-slider");
    slider.addEventListener("input", () => {
      this.#share = Number(slider.value) / 100;
      this.#show();
    });
    getElement("batch-reset").addEventListener("click", () => {
      this.#share = null;
      this.#show();
      slider.focus(); // the button is gone
    });
    for (const kind of ["csv", "jsonl"] as const) {
      onClick(`batch-${kind}`, "batch-fault", () => {
        download(writeFile(this.#rows, choose(this.#rows, this.#share), kind), `tiny-dancer-decisions.${kind}`);
      });
    }
    onPrices(() => {
      this.#show();
    });
    onLanguage(() => {
      this.#show();
    });
  }

  /** Measures on the examples which share goes to the light model, for those who have not asked yet. */
  async measureExamples(): Promise<void> {
    const prompts = EXAMPLE_PROMPTS.map((prompt) => ({ prompt }));
    const rows = await scoreAll(this.#router, prompts, new AbortController().signal, () => undefined);
    const { light, tokens, n } = sumUp(rows, choose(rows, null));
    if (this.#rows.length === 0) this.#calculator.measure(light / n, tokens / n, n, "");
  }

  /** Decides for the prompts of a file. */
  async load(file: File): Promise<void> {
    await this.#run(async () => {
      if (file.size > LARGEST_BYTES) {
        throw new InvalidInputError(t("batch.fault.large", { name: file.name, most: LARGEST_BYTES / 1e6 }));
      }
      return parsePrompts(await file.text(), file.name);
    }, file.name);
  }

  async #run(read: () => Promise<LabelledPrompt[]>, source: string): Promise<void> {
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    const panel = getElement("batch");
    panel.dataset["state"] = "running";
    showFault("batch-fault");
    getElement("batch-cancel").hidden = getElement("batch-running").hidden = false;
    const bar = getElement("batch-progress") as HTMLProgressElement;
    try {
      const prompts = await read();
      bar.max = prompts.length;
      const rows = await scoreAll(this.#router, prompts, running.signal, (done) => {
        bar.value = done;
        setText("batch-count", t("batch.count", { n: formatCount(done), all: formatCount(prompts.length) }));
      });
      this.#rows = rows;
      this.#source = source;
      this.#share = null;
      this.#show();
      announce(getElement("batch-verdict").textContent);
    } catch (error) {
      if (running.signal.aborted) announce(t("batch.cancelled"));
      else showFault("batch-fault", error);
    }
    if (this.#running !== running) return; // another file took its place
    getElement("batch-cancel").hidden = getElement("batch-running").hidden = true;
    panel.dataset["state"] = "ready";
  }

  #show(): void {
    const rows = this.#rows;
    getElement("batch-result").hidden = rows.length === 0;
    if (rows.length === 0) return;
    const isLight = choose(rows, this.#share);
    const totals = sumUp(rows, isLight);
    const { currency } = getPrices();
    const money = (amount: number) => formatMoney(amount, currency);
    const share = totals.light / totals.n;
    setText(
      "batch-verdict",
      t("batch.verdict", {
        light: formatCount(totals.light),
        n: formatCount(totals.n),
        cost: money(totals.cost),
        powerful: money(totals.powerfulCost),
        saved: money(totals.powerfulCost - totals.cost),
      }),
    );
    const { marks } = totals;
    const kept = marks && marks.powerful > 0 ? marks.chosen / marks.powerful : null;
    const quality =
      marks && kept !== null
        ? t("batch.marks", {
            n: formatCount(marks.n),
            kept: formatWholePercent(kept),
            light: formatWholePercent(marks.light / marks.powerful),
          })
        : t("batch.no-marks");
    setText("batch-quality", quality);
    const slider = getInput("batch-slider");
    if (this.#share === null) slider.value = String(Math.round(100 * share));
    slider.ariaValueText = t("batch.share", { share: formatWholePercent(share) });
    getElement("batch-reset").hidden = this.#share === null;
    showTable(rows, isLight);
    this.#calculator.measure(share, totals.tokens / totals.n, totals.n, this.#source);
  }
}

import type { DecisionRecord, Imported, Router, RoutingResponse, Statistics } from "tiny-dancer";
import { formatCount, formatDuration, formatMoney, formatPercent, formatTime } from "../format.js";
import { costOf, getPrices, onPrices } from "../money/prices.js";
import { announce, download, getElement, getInput, makeElement, onSave, setText, showFault } from "../page.js";
import { getReasonName } from "../verdict/reasons.js";
import { onLanguage, t } from "../words/language.js";
import { showCharts } from "./charts.js";
import { StorageLine } from "./storage.js";

const PAGE = 8;

/** Decisions that the charts show. */
const CHARTED = 500;

/** The list of decisions with its totals, and what a person may do with it. */
export class HistoryPanel {
  readonly #router: Router;
  readonly #storage = new StorageLine();
  readonly #replaced: () => Promise<void>;
  /** Tells the other tabs of this page, and hears from them. */
  readonly #tabs = new BroadcastChannel("tiny-dancer-history");
  #shown = PAGE;
  #refreshing: Promise<void> | undefined;

  /** @param replaced is awaited after an import or when all was deleted */
  constructor(router: Router, replaced: () => Promise<void>) {
    this.#router = router;
    this.#replaced = replaced;
  }

  async start(): Promise<void> {
    const { storageFault } = await this.#router.ready;
    if (storageFault) {
      getElement("history-work").hidden = true;
      for (const button of document.querySelectorAll<HTMLButtonElement>("#history button")) button.disabled = true;
      getInput("history-import").disabled = true;
      showFault("history-fault", Object.assign(new Error(storageFault.message), { name: storageFault.name }));
      return;
    }
    this.#offer();
    await this.#storage.start();
    await this.refresh();
  }

  /** Records what a call would have cost, and shows the decision in the list. */
  async recordDecision({ decisionId, model, nTokens }: RoutingResponse): Promise<void> {
    const { stored } = await this.#router.ready;
    if (!stored) return;
    const prices = getPrices();
    const cost = costOf(model === "light" ? prices.light : prices.powerful, nTokens);
    await this.#router.recordOutcome(decisionId, { model, cost, tokensIn: nTokens, tokensOut: prices.answerTokens });
    await this.changed();
  }

  /** Shows what is stored now, in every tab. */
  async changed(): Promise<void> {
    await this.refresh();
    this.#tabs.postMessage("changed");
  }

  /** Reads list and totals again; calls that come while it reads are one more reading. */
  async refresh(): Promise<void> {
    while (this.#refreshing) await this.#refreshing;
    this.#refreshing = this.#read().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async #read(): Promise<void> {
    try {
      // A failed write is reported; what is stored is shown all the same.
      const fault: unknown = await this.#router.flush().catch((error: unknown) => error);
      const totals = await this.#router.stats();
      const records = await this.#router.history(Math.max(CHARTED, this.#shown + 1));
      showTotals(totals);
      showRecords(records.slice(0, this.#shown));
      getElement("history-more").hidden = records.length <= this.#shown;
      await showCharts(records.slice(0, CHARTED));
      await this.#storage.show();
      showFault("history-fault", fault);
    } catch (error) {
      showFault("history-fault", error);
    }
    const panel = getElement("history");
    panel.dataset["count"] = String(Number(panel.dataset["count"] ?? 0) + 1);
  }

  #offer(): void {
    this.#tabs.addEventListener("message", () => void this.refresh());
    onLanguage(() => void this.refresh());
    onPrices(() => void this.refresh());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.refresh(); // other tabs decide too
    });
    getElement("history-more").addEventListener("click", () => {
      this.#shown += 2 * PAGE;
      void this.refresh();
    });
    getElement("history-export").addEventListener("click", () => {
      this.#try(async () => {
        download(await this.#router.exportHistory(), `tiny-dancer-${new Date().toISOString().slice(0, 10)}.jsonl`);
        return "";
      });
    });
    const picker = getInput("history-import");
    picker.addEventListener("change", () => {
      const file = picker.files?.[0];
      if (file) this.#try(async () => this.#changed(describeImport(await this.#router.importHistory(file))));
      picker.value = ""; // the same file again is a change too
    });
    const dialog = getElement("delete-dialog") as HTMLDialogElement;
    getElement("history-delete").addEventListener("click", () => {
      showFault("delete-fault");
      dialog.showModal();
    });
    onSave(
      dialog,
      async () => {
        await this.#router.deleteAll();
        this.#shown = PAGE;
        showDone(await this.#changed(t("history.deleted")));
      },
      "delete-fault",
    );
  }

  async #changed(what: string): Promise<string> {
    await this.#replaced();
    await this.changed();
    return what;
  }

  #try(work: () => Promise<string>): void {
    showDone("");
    showFault("history-fault");
    work().then(showDone, (error: unknown) => {
      showFault("history-fault", error);
    });
  }
}

function showDone(text: string): void {
  getElement("history-done").hidden = text === "";
  setText("history-done", text);
  announce(text);
}

function describeImport(imported: Imported): string {
  const records = Object.values(imported).reduce((sum, number) => sum + number, 0);
  if (records === 0) return t("history.imported.none");
  return t("history.imported", { n: formatCount(records), decisions: formatCount(imported.decision) });
}

/** Money that the light answers saved, at today's prices, by the tokens that were stored. */
function computeSaving({ models }: Statistics): number {
  const { light, powerful } = getPrices();
  const answered = models.find(({ model }) => model === "light");
  if (!answered) return 0;
  const { tokensIn, tokensOut } = answered;
  return costOf(powerful, tokensIn, tokensOut) - costOf(light, tokensIn, tokensOut);
}

function showTotals(totals: Statistics): void {
  const { totalRoutes, lightweightShare, averageLatencyUs } = totals;
  setText("total-routes", formatCount(totalRoutes));
  setText("light-share", lightweightShare === null ? "–" : formatPercent(lightweightShare));
  setText("average-latency", averageLatencyUs === null ? "–" : formatDuration(averageLatencyUs));
  setText("money-saved", formatMoney(computeSaving(totals), getPrices().currency));
  getElement("history-empty").hidden = totalRoutes > 0;
}

function showRecords(records: readonly DecisionRecord[]): void {
  getElement("log").hidden = records.length === 0;
  getElement("log-rows").replaceChildren(...records.map(makeRow));
}

function makeRow(record: DecisionRecord): HTMLTableRowElement {
  const { at, model, useLightweight, reason, confidence, inferenceTimeUs, promptHash } = record;
  const date = new Date(1000 * at);
  const today = date.toDateString() === new Date().toDateString();
  const when = makeElement("time", "", formatTime(at, today ? "clock" : "full"));
  when.dateTime = date.toISOString();
  when.title = formatTime(at, "full");
  const badge = makeElement("span", "badge", model === "light" || model === "powerful" ? t(`model.${model}`) : model);
  badge.dataset["side"] = useLightweight ? "light" : "powerful";
  return makeElement(
    "tr",
    "",
    makeElement("td", "when", when),
    makeElement("td", "", badge),
    makeElement("td", "why", getReasonName(reason)),
    makeElement("td", "number", confidence === null ? "–" : formatPercent(confidence)),
    makeElement("td", "number", inferenceTimeUs === null ? "–" : formatDuration(inferenceTimeUs)),
    makeElement("td", "hash", makeElement("code", "", promptHash?.slice(0, 8) ?? "–")),
  );
}

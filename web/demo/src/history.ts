import type { DecisionRecord, Imported, Router, RoutingResponse, Statistics } from "tiny-dancer";
import { formatCount, formatDuration, formatMoney, formatPercent } from "./format.js";
import { getElement, getInput, makeElement, onSave, setText, showFault } from "./page.js";
import { getReasonName } from "./reasons.js";
import { ANSWER_TOKENS, MONEY_NOTE } from "./settings.js";
import { StorageLine } from "./storage.js";

const PAGE = 8;

const time = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat("en", { timeStyle: "medium" });

/** The list of decisions with its totals, and what a person may do with it. */
export class HistoryPanel {
  readonly #router: Router;
  readonly #storage = new StorageLine();
  readonly #replaced: () => Promise<void>;
  #shown = PAGE;
  #refreshing: Promise<void> | undefined;

  /** @param replaced is awaited after an import or when all was deleted */
  constructor(router: Router, replaced: () => Promise<void>) {
    this.#router = router;
    this.#replaced = replaced;
  }

  async start(): Promise<void> {
    setText("money-note", MONEY_NOTE);
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
    await this.#router.recordOutcome(decisionId, { model, tokensIn: nTokens, tokensOut: ANSWER_TOKENS });
    await this.refresh();
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
      const records = await this.#router.history(this.#shown + 1);
      showTotals(totals);
      showRecords(records.slice(0, this.#shown));
      getElement("history-more").hidden = records.length <= this.#shown;
      await this.#storage.show();
      showFault("history-fault", fault);
    } catch (error) {
      showFault("history-fault", error);
    }
    const panel = getElement("history");
    panel.dataset["count"] = String(Number(panel.dataset["count"] ?? 0) + 1);
  }

  #offer(): void {
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.refresh(); // other tabs decide too
    });
    getElement("history-more").addEventListener("click", () => {
      this.#shown += 2 * PAGE;
      void this.refresh();
    });
    getElement("history-export").addEventListener("click", () => {
      this.#try(async () => {
        download(await this.#router.exportHistory());
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
        showDone(await this.#changed("History deleted."));
      },
      "delete-fault",
    );
  }

  async #changed(what: string): Promise<string> {
    await this.#replaced();
    await this.refresh();
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
}

function describeImport(imported: Imported): string {
  const records = Object.values(imported).reduce((sum, number) => sum + number, 0);
  if (records === 0) return "No new records.";
  const noun = records === 1 ? "record" : "records";
  return `Imported ${formatCount(records)} new ${noun}, ${formatCount(imported.decision)} of them decisions.`;
}

/** Hands a file to the browser's downloads. */
function download(file: Blob): void {
  const link = makeElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `tiny-dancer-${new Date().toISOString().slice(0, 10)}.jsonl`;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}

function showTotals(totals: Statistics): void {
  const { totalRoutes, lightweightShare, averageLatencyUs, moneySaved } = totals;
  setText("total-routes", formatCount(totalRoutes));
  setText("light-share", lightweightShare === null ? "–" : formatPercent(lightweightShare));
  setText("average-latency", averageLatencyUs === null ? "–" : formatDuration(averageLatencyUs));
  setText("money-saved", formatMoney(moneySaved));
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
  const when = makeElement("time", "", (today ? clock : time).format(date));
  when.dateTime = date.toISOString();
  when.title = time.format(date);
  const badge = makeElement("span", "badge", model);
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

import type { DecisionRecord, Imported, Router, RoutingResponse, Statistics } from "tiny-dancer";
import { count, duration, money, percent } from "./format.js";
import { element, input, make, onSave, setText, showFault } from "./page.js";
import { reasonName } from "./reasons.js";
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
      element("history-work").hidden = true;
      for (const button of document.querySelectorAll<HTMLButtonElement>("#history button")) button.disabled = true;
      input("history-import").disabled = true;
      showFault("history-fault", Object.assign(new Error(storageFault.message), { name: storageFault.name }));
      return;
    }
    this.#offer();
    await this.#storage.start();
    await this.refresh();
  }

  /** Keeps what a call would have cost, and shows the decision in the list. */
  async decided({ decisionId, model, nTokens }: RoutingResponse): Promise<void> {
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
      // What cannot be written is said; what is stored is shown all the same.
      const fault: unknown = await this.#router.flush().catch((error: unknown) => error);
      const totals = await this.#router.stats();
      const records = await this.#router.history(this.#shown + 1);
      showTotals(totals);
      showRecords(records.slice(0, this.#shown));
      element("history-more").hidden = records.length <= this.#shown;
      await this.#storage.show();
      showFault("history-fault", fault);
    } catch (error) {
      showFault("history-fault", error);
    }
    const panel = element("history");
    panel.dataset["count"] = String(Number(panel.dataset["count"] ?? 0) + 1);
  }

  #offer(): void {
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.refresh(); // other tabs decide too
    });
    element("history-more").addEventListener("click", () => {
      this.#shown += 2 * PAGE;
      void this.refresh();
    });
    element("history-export").addEventListener("click", () => {
      this.#try(async () => {
        save(await this.#router.exportHistory());
        return "";
      });
    });
    const picker = input("history-import");
    picker.addEventListener("change", () => {
      const file = picker.files?.[0];
      if (file) this.#try(async () => this.#changed(added(await this.#router.importHistory(file))));
      picker.value = ""; // the same file again is a change too
    });
    const dialog = element("delete-dialog") as HTMLDialogElement;
    element("history-delete").addEventListener("click", () => {
      showFault("delete-fault");
      dialog.showModal();
    });
    onSave(
      dialog,
      async () => {
        await this.#router.deleteAll();
        this.#shown = PAGE;
        showDone(await this.#changed("Everything was deleted."));
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
  element("history-done").hidden = text === "";
  setText("history-done", text);
}

function added(imported: Imported): string {
  const records = Object.values(imported).reduce((sum, number) => sum + number, 0);
  if (records === 0) return "All of it was here already.";
  const plural = records === 1 ? "record was" : "records were";
  return `${count(records)} ${plural} new; ${count(imported.decision)} of them decisions.`;
}

/** Hands a file to the browser's downloads. */
function save(file: Blob): void {
  const link = make("a");
  link.href = URL.createObjectURL(file);
  link.download = `tiny-dancer-${new Date().toISOString().slice(0, 10)}.jsonl`;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}

function showTotals(totals: Statistics): void {
  const { totalRoutes, lightweightShare, averageLatencyUs, moneySaved } = totals;
  setText("total-routes", count(totalRoutes));
  setText("light-share", lightweightShare === null ? "–" : percent(lightweightShare));
  setText("average-latency", averageLatencyUs === null ? "–" : duration(averageLatencyUs));
  setText("money-saved", money(moneySaved));
  element("history-empty").hidden = totalRoutes > 0;
}

function showRecords(records: readonly DecisionRecord[]): void {
  element("log").hidden = records.length === 0;
  element("log-rows").replaceChildren(...records.map(row));
}

function row(record: DecisionRecord): HTMLTableRowElement {
  const { at, model, useLightweight, reason, confidence, inferenceTimeUs, promptHash } = record;
  const made = new Date(1000 * at);
  const today = made.toDateString() === new Date().toDateString();
  const when = make("time", "", (today ? clock : time).format(made));
  when.dateTime = made.toISOString();
  when.title = time.format(made);
  const badge = make("span", "badge", model);
  badge.dataset["side"] = useLightweight ? "light" : "powerful";
  return make(
    "tr",
    "",
    make("td", "when", when),
    make("td", "", badge),
    make("td", "why", reasonName(reason)),
    make("td", "number", confidence === null ? "–" : percent(confidence)),
    make("td", "number", inferenceTimeUs === null ? "–" : duration(inferenceTimeUs)),
    make("td", "hash", make("code", "", promptHash?.slice(0, 8) ?? "–")),
  );
}

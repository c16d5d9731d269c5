import { formatCount, formatMoney, formatWholePercent } from "../format.js";
import { costOf, getPrices, onPrices, setPrices } from "../money/prices.js";
import { getElement, getInput, setText } from "../page.js";
import { onLanguage, t } from "../words/language.js";

interface Measured {
  readonly share: number;
  /** Prompts that the share was measured on. */
  readonly n: number;
  /** Name of their file; empty for the examples. */
  readonly source: string;
}

/** What a month costs with the share of light answers that was measured. */
export class Calculator {
  #measured: Measured | undefined;

  start(): void {
    getElement("calculator").addEventListener("input", ({ target }) => {
      if (target === getInput("calc-answer")) {
        setPrices({ ...getPrices(), answerTokens: readCount("calc-answer") });
      } else this.#show();
    });
    onPrices(() => {
      this.#show();
    });
    onLanguage(() => {
      this.#show();
    });
    this.#show();
  }

  /** Takes another share, and the prompts' mean length where none was typed. */
  measure(share: number, tokens: number, n: number, source: string): void {
    this.#measured = { share, n, source };
    getInput("calc-tokens").value = String(Math.round(tokens));
    this.#show();
  }

  #show(): void {
    const { light, powerful, currency, answerTokens } = getPrices();
    if (document.activeElement !== getInput("calc-answer")) getInput("calc-answer").value = String(answerTokens);
    if (!this.#measured) {
      setText("calc-result", "");
      setText("calc-note", t("calc.nothing"));
      return;
    }
    const { share, n, source } = this.#measured;
    const [requests, tokens] = [readCount("calc-requests"), readCount("calc-tokens")];
    const all = requests * costOf(powerful, tokens);
    const routed = share * requests * costOf(light, tokens) + (1 - share) * all;
    const money = (amount: number) => formatMoney(amount, currency);
    setText(
      "calc-result",
      t("calc.result", {
        all: money(all),
        routed: money(routed),
        saved: money(all - routed),
        percent: formatWholePercent(all > 0 ? (all - routed) / all : 0),
      }),
    );
    const values = { share: formatWholePercent(share), n: formatCount(n), source };
    setText("calc-note", t(source ? "calc.note.file" : "calc.note.example", values));
  }
}

function readCount(id: string): number {
  const value = Number(getInput(id).value);
  return Number.isFinite(value) && value >= 0 ? value : 0;
}

import { InvalidInputError } from "tiny-dancer";
import { getElement, getInput, getSelect, makeElement, setText, showFault } from "../page.js";
import { onLanguage, t } from "../words/language.js";
import { CURRENCIES, EXAMPLES, findExample, getPrices, isAmount, type Model, onPrices, setPrices } from "./prices.js";

/** Lets a visitor name the two models, their prices and the currency. */
export function startMoney(): void {
  getSelect("money-currency").replaceChildren(...CURRENCIES.map((code) => new Option(code)));
  getSelect("money-pair").addEventListener("change", () => {
    const [light, powerful] = EXAMPLES[Number(getSelect("money-pair").value)] ?? [];
    if (light && powerful) setPrices({ ...getPrices(), light, powerful, currency: "USD" });
  });
  const form = getElement("money-form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
  });
  form.addEventListener("change", ({ target }) => {
    if (target === getSelect("money-pair")) return;
    try {
      setPrices({
        light: readModel("light"),
        powerful: readModel("powerful"),
        currency: getSelect("money-currency").value,
        answerTokens: readAmount("money-answer"),
      });
      showFault("money-fault");
    } catch (error) {
      showFault("money-fault", error);
    }
  });
  onPrices(show);
  onLanguage(show);
  show();
}

function show(): void {
  const { light, powerful, currency, answerTokens } = getPrices();
  const pairs = EXAMPLES.map(([a, b], at) => new Option(`${a.name} – ${b.name}`, String(at)));
  const known = findExample();
  const own = makeElement("option", "", t("money.own"));
  own.value = "own";
  getSelect("money-pair").replaceChildren(...pairs, own);
  getSelect("money-pair").value = known < 0 ? "own" : String(known);
  getSelect("money-currency").value = currency;
  getInput("money-answer").value = String(answerTokens);
  for (const [id, model] of Object.entries({ light, powerful })) {
    getInput(`${id}-name`).value = model.name;
    getInput(`${id}-in`).value = String(model.tokensIn);
    getInput(`${id}-out`).value = String(model.tokensOut);
  }
  setText("money-models", t("money.models", { light: light.name, powerful: powerful.name, currency }));
}

function readModel(id: "light" | "powerful"): Model {
  const name = getInput(`${id}-name`).value.trim() || t(`money.${id}`);
  return { name, tokensIn: readAmount(`${id}-in`), tokensOut: readAmount(`${id}-out`) };
}

function readAmount(id: string): number {
  const { value, ariaLabel, labels } = getInput(id);
  const amount = value.trim() === "" ? NaN : Number(value);
  if (!isAmount(amount)) {
    throw new InvalidInputError(t("money.fault", { field: ariaLabel ?? labels?.[0]?.textContent ?? id }));
  }
  return amount;
}

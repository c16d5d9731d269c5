import { Hybrid, openAI } from "tiny-dancer/hybrid";
import { Router } from "tiny-dancer";
import { formatMoney } from "../format.js";
import { getPrices, type Model } from "../money/prices.js";
import { announce, getButton, getElement, getInput, getTextArea, setText, showFault } from "../page.js";
import { chooseLanguage, setLanguage, t } from "../words/language.js";

/** The server that this document's rule allows; it was named when the document was opened. */
const allowed = new URLSearchParams(location.search).get("allow") ?? "";
let running: AbortController | undefined;

const price = ({ tokensIn, tokensOut }: Model) => ({ tokensIn, tokensOut });

/** Answers by the model that is enough. The key is in this document's memory alone and goes with it. */
async function ask(router: Router): Promise<void> {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  getElement("live-stop").hidden = false;
  getElement("live-answer").hidden = false;
  showFault("live-fault");
  setText("live-text", "");
  setText("live-served", t("live.waiting"));
  const { light, powerful, currency } = getPrices();
  const key = getInput("live-key").value;
  const model = (id: string) =>
    openAI({ baseURL: getInput("live-url").value, model: getInput(id).value, ...(key && { apiKey: key }) });
  try {
    const hybrid = await Hybrid.load({
      router,
      light: model("live-light"),
      powerful: model("live-powerful"),
      prices: { light: price(light), powerful: price(powerful) },
    });
    const parts = hybrid.stream({ messages: [{ role: "user", content: getTextArea("live-prompt").value }], signal });
    let text = "";
    for await (const part of parts) setText("live-text", (text += part));
    const { servedBy, answerer, cost, saved } = await parts.result;
    const values = {
      name: answerer,
      cost: cost === null ? "–" : formatMoney(cost, currency),
      saved: saved === null ? "–" : formatMoney(saved, currency),
    };
    setText("live-served", t(`live.${servedBy}`, values));
    announce(getElement("live-served").textContent);
  } catch (error) {
    setText("live-served", "");
    if (!signal.aborted) showFault("live-fault", error);
  }
  getElement("live-stop").hidden = true;
}

async function start(): Promise<void> {
  await setLanguage(chooseLanguage(), false);
  document.title = `${t("live.title")} · Tiny Dancer`;
  setText("allowed", allowed ? t("live.allowed", { origin: allowed }) : t("live.none"));
  getInput("live-url").value = allowed && `${allowed}/v1`;
  try {
    const router = await Router.load();
    getButton("live-ask").disabled = false;
    getElement("live-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void ask(router);
    });
    getTextArea("live-prompt").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void ask(router);
    });
    getElement("live-stop").addEventListener("click", () => {
      running?.abort();
    });
  } catch (error) {
    showFault("live-fault", error);
  }
}

void start();

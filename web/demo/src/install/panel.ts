import { getPrices, onPrices, parsePrices, setPrices } from "../money/prices.js";
import { getButton, getElement, getInput, getTextArea, onClick, setText } from "../page.js";
import { getLanguage, onLanguage, t } from "../words/language.js";

const CODE = `import { Router } from "tiny-dancer";

const router = await Router.load();
const { useLightweight } = await router.route(prompt);
const model = useLightweight ? "LIGHT" : "POWERFUL";`;

/** What a browser offers where a page can be installed; not in the DOM's types. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

/** What a shared link carries. */
export interface Shared {
  readonly language?: string;
  readonly prompt?: string;
}

/** Shows how to put the router into a site, and shares this page's settings. */
export function startInstall(): void {
  const show = () => {
    const { light, powerful } = getPrices();
    setText("install-line", `npm install ${new URL("./tiny-dancer.tgz", location.href).href.split(/[?#]/)[0] ?? ""}`);
    setText("install-code", CODE.replace("LIGHT", light.name).replace("POWERFUL", powerful.name));
  };
  show();
  onLanguage(show);
  onPrices(show);
  onClick("install-copy", "share-done", () => copy(getElement("install-line").textContent, t("install.copied")));
  onClick("share", "share-done", () => copy(makeLink(), t(getInput("share-prompt").checked ? "share.done.prompt" : "share.done")));
  let offer: InstallPrompt | undefined;
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event as InstallPrompt;
    getButton("pwa-install").hidden = false;
  });
  onClick("pwa-install", "share-done", async () => {
    getButton("pwa-install").hidden = true; // it can be asked once
    await offer?.prompt();
  });
}

/** Takes the settings of the link by which the page was opened; the address then loses them. */
export function readLink(): Shared {
  const text = new URLSearchParams(location.hash.slice(1)).get("s");
  if (text === null) return {};
  history.replaceState(null, "", location.pathname + location.search);
  try {
    const { prices, language, prompt } = JSON.parse(text) as Record<string, unknown>;
    const parsed = parsePrices(prices);
    if (parsed) setPrices(parsed);
    return {
      ...(typeof language === "string" && { language }),
      ...(typeof prompt === "string" && { prompt }),
    };
  } catch {
    return {}; // a damaged link opens the page as any other
  }
}

/** An address that opens this page with its settings; the fragment never reaches a server. */
function makeLink(): string {
  const link = new URL(location.href);
  const withPrompt = getInput("share-prompt").checked;
  const settings = { prices: getPrices(), language: getLanguage(), ...(withPrompt && { prompt: getTextArea("prompt").value }) };
  link.hash = new URLSearchParams({ s: JSON.stringify(settings) }).toString();
  return link.href;
}

async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    setText("share-done", done);
  } catch {
    setText("share-done", text); // not allowed, or plain http: it can be copied by hand
  }
  getElement("share-done").hidden = false;
}

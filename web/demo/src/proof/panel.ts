import { getElement, makeElement, onClick, setText } from "../page.js";
import { onLanguage, t } from "../words/language.js";

/** An address that this page's rule forbids. */
const ELSEWHERE = "https://example.com/";
const WAIT_MS = 2000;

/** Shows the rule that the server sent with this page, and lets a visitor try to break it. */
export function startProof(): void {
  let policy: string | null = null;
  const show = () => {
    showPolicy(policy);
  };
  onLanguage(show);
  show();
  fetch(location.href.split("#")[0] ?? "")
    .then((response) => {
      policy = response.headers.get("content-security-policy");
      show();
    })
    .catch(() => undefined); // it stays unknown, and the page says so
  onClick("proof-try", "proof-done", async () => {
    const refused = await tryElsewhere();
    getElement("proof-done").hidden = false;
    setText("proof-done", refused ? t("proof.refused", { rule: refused }) : t("proof.not-refused"));
  });
}

function showPolicy(policy: string | null): void {
  const rules = (policy ?? "").split(";").map((rule) => rule.trim()).filter((rule) => rule !== "");
  const lines = rules.map((rule) => makeElement(rule.startsWith("connect-src") ? "strong" : "span", "", `${rule};\n`));
  getElement("proof-policy").replaceChildren(...(policy === null ? [t("proof.unknown")] : lines));
  const isClosed = rules.includes("connect-src 'self'");
  setText("proof-note", t(policy === null ? "proof.unknown.note" : isClosed ? "proof.note" : "proof.open"));
}

/** The rule by which the browser refused a request to another server; null where it did not. */
async function tryElsewhere(): Promise<string | null> {
  const refusal = new Promise<string | null>((resolve) => {
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => { resolve(effectiveDirective); }, { once: true });
    setTimeout(() => { resolve(null); }, WAIT_MS);
  });
  await fetch(ELSEWHERE, { mode: "no-cors" }).catch(() => undefined);
  return refusal;
}

import type { Router, Span } from "tiny-dancer";
import { getElement, makeElement, setText } from "../page.js";
import { onLanguage, t } from "../words/language.js";

/** Longer prompts are not explained while they are typed. */
const LONGEST = 1200;
/** Effects below this share of the largest are not marked: small ones mark words that seem to say nothing. */
const LEAST = 1 / 3;
const MOST = 12;

/** Marks in the prompt the words that moved the decision. */
export class MovedWords {
  readonly #router: Router;
  #shown: { readonly prompt: string; readonly spans: readonly Span[] } | undefined;

  constructor(router: Router) {
    this.#router = router;
    onLanguage(() => {
      this.#draw();
    });
  }

  hide(): void {
    this.#shown = undefined;
    this.#draw();
  }

  async show(prompt: string, signal: AbortSignal): Promise<void> {
    if (prompt.trim() === "" || prompt.length > LONGEST) return;
    const { spans } = await this.#router.explain(prompt);
    if (signal.aborted) return;
    this.#shown = { prompt, spans };
    this.#draw();
  }

  #draw(): void {
    const found = this.#shown && choose(this.#shown.spans);
    getElement("moved").hidden = !found?.length;
    if (!this.#shown || !found?.length) return;
    const letters = Array.from(this.#shown.prompt);
    const parts: Node[] = [];
    let at = 0;
    for (const { start, end, effect } of found) {
      parts.push(new Text(letters.slice(at, start).join("")));
      const side = (effect ?? 0) > 0 ? "powerful" : "light";
      const mark = makeElement("mark", "", letters.slice(start, end).join(""));
      mark.dataset["side"] = side;
      mark.title = t(`moved.${side}`);
      parts.push(mark);
      at = end;
    }
    parts.push(new Text(letters.slice(at).join("")));
    getElement("moved-text").replaceChildren(...parts);
    setText("moved-list", describe(found));
  }
}

/** The spans with the largest effects, in the order of the text. */
function choose(spans: readonly Span[]): Span[] {
  const size = ({ effect }: Span) => Math.abs(effect ?? 0);
  const largest = Math.max(0, ...spans.map(size));
  return spans
    .filter((span) => size(span) > 0 && size(span) >= LEAST * largest)
    .sort((a, b) => size(b) - size(a))
    .slice(0, MOST)
    .sort((a, b) => a.start - b.start);
}

/** The same for those who do not see the marks. */
function describe(spans: readonly Span[]): string {
  const list = (side: 1 | -1) =>
    spans
      .filter(({ effect }) => side * (effect ?? 0) > 0)
      .map(({ text }) => `“${text}”`)
      .join(", ") || "–";
  return t("moved.list", { powerful: list(1), light: list(-1) });
}

import type { Candidate, Features, RoutingDecision, RoutingResponse } from "tiny-dancer";
import type { CandidateSet } from "./set.js";
import { formatCount, formatPercent, formatPValue, formatShare } from "../format.js";
import { getRange } from "../verdict/range.js";
import { formatDecisionTime } from "../verdict/timing.js";
import { t } from "../words/language.js";
import { makeButton, getElement, makeElement, place, setText } from "../page.js";

const FEATURES = ["similarity", "recency", "frequency", "successRate", "metadataOverlap"] as const;

interface Actions {
  readonly edit: (candidate: Candidate) => void;
  readonly remove: (candidate: Candidate) => void;
}

interface Row {
  readonly item: HTMLLIElement;
  readonly show: (decision: RoutingDecision, candidate: Candidate) => void;
}

/** The list of ranked candidates; a candidate keeps its row, so that its bars move. */
export class RankingList {
  readonly #rows = new Map<string, Row>();
  readonly #actions: Actions;
  #shown = 0;

  constructor(actions: Actions) {
    this.#actions = actions;
  }

  show(response: RoutingResponse, set: CandidateSet): void {
    const { decisions, candidatesProcessed, inferenceTimeUs } = response;
    const names = new Set(decisions.map(({ candidateId }) => candidateId));
    for (const name of this.#rows.keys()) if (!names.has(name)) this.#rows.delete(name);
    const items = decisions.flatMap((decision) => {
      const candidate = set.find(decision.candidateId);
      if (!candidate) return [];
      const row = this.#rows.get(candidate.id) ?? makeRow(this.#actions);
      this.#rows.set(candidate.id, row);
      row.show(decision, candidate);
      return [row.item];
    });
    const list = getElement("ranking");
    const inPlace = [...list.children].every((item, at) => item === items[at]);
    if (!inPlace || items.length !== list.children.length) list.replaceChildren(...items);
    list.dataset["count"] = String(++this.#shown);
    const left = candidatesProcessed - items.length;
    setText("ranking-summary", summarize(candidatesProcessed, left, inferenceTimeUs));
  }
}

function summarize(processed: number, left: number, microseconds: number | null): string {
  if (processed === 0) return t("ranking.empty");
  const ranked = t("ranking.summary", { n: formatCount(processed), time: formatDecisionTime(microseconds) });
  return left > 0 ? ranked + t("ranking.more", { n: formatCount(left) }) : ranked;
}

function makeRow({ edit, remove }: Actions): Row {
  let current: Candidate | undefined;
  const [rank, name, about, tags] = [makeElement("span", "rank"), makeElement("h3"), makeElement("p", "about-it"), makeElement("ul", "tags")];
  const [confidence, verdict, evidence] = [makeElement("span", "value"), makeElement("span", "badge"), makeElement("p", "scale")];
  const bar = makeElement("div", "bar", makeElement("span", "band"), makeElement("span", "mark"));
  bar.setAttribute("role", "img");
  const features = FEATURES.map(makeFeatureRow);
  const [change, drop] = [
    makeButton("link", "", () => {
      if (current) edit(current);
    }),
    makeButton("link", "", () => {
      if (current) remove(current);
    }),
  ];
  const item = makeElement(
    "li",
    "",
    makeElement("div", "who", rank, makeElement("div", "", name, about, tags, makeElement("p", "links", change, drop))),
    makeElement(
      "div",
      "how",
      makeElement("p", "measure-name", verdict, confidence),
      bar,
      evidence,
      makeElement("dl", "features", ...features.map(({ row }) => row)),
    ),
  );
  return {
    item,
    show(decision, candidate) {
      current = candidate;
      item.dataset["side"] = decision.useLightweight ? "light" : "powerful";
      rank.textContent = String(decision.rank + 1);
      name.textContent = candidate.id;
      about.textContent = describe(candidate);
      const pairs = Object.entries(candidate.metadata ?? {}).map(([key, value]) => makeElement("li", "", `${key}=${value}`));
      tags.replaceChildren(...pairs);
      tags.hidden = pairs.length === 0;
      change.textContent = t("candidate.change");
      drop.textContent = t("candidate.drop");
      change.ariaLabel = `${t("candidate.change")} ${candidate.id}`;
      drop.ariaLabel = `${t("candidate.drop")} ${candidate.id}`;
      confidence.textContent = formatPercent(decision.confidence);
      verdict.textContent = t(decision.useLightweight ? "ranking.sure" : "ranking.unsure");
      showBar(bar, evidence, decision);
      for (const { key, show } of features) show(decision.features[key]);
    },
  };
}

function showBar(bar: HTMLElement, evidence: HTMLElement, decision: RoutingDecision): void {
  const { confidence, interval, uncertainty } = decision;
  const [from, to] = getRange(confidence, interval);
  place(bar, "--at", confidence);
  place(bar, "--from", from);
  place(bar, "--to", to);
  const values = { confidence: formatPercent(confidence), from: formatPercent(from), to: formatPercent(to) };
  const range = interval ? t("ranking.range", values) : t("details.no-interval");
  bar.ariaLabel = t("details.confidence-label", values);
  evidence.replaceChildren(
    makeElement("span", "", t("ranking.uncertainty", { p: formatPValue(uncertainty) })),
    makeElement("span", "", range),
  );
}

interface FeatureRow {
  readonly key: keyof Features;
  readonly row: HTMLElement;
  readonly show: (value: number) => void;
}

function makeFeatureRow(key: keyof Features): FeatureRow {
  const [value, bar] = [makeElement("span", "value"), makeElement("span", "small-bar", makeElement("span"))];
  bar.ariaHidden = "true";
  const name = makeElement("dt");
  const row = makeElement("div", "", name, makeElement("dd", "", bar, value));
  row.dataset["feature"] = key;
  return {
    key,
    row,
    show(number) {
      name.textContent = t(`feature.${key}`);
      row.title = t(`feature.${key}.title`);
      place(bar, "--at", number);
      value.textContent = formatShare(number);
    },
  };
}

function describe({ text, embedding }: Candidate): string {
  return text ?? t("candidate.vector", { n: formatCount(embedding?.length ?? 0) });
}

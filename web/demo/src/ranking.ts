import type { Candidate, Features, RoutingDecision, RoutingResponse } from "tiny-dancer";
import type { CandidateSet } from "./candidate-set.js";
import { formatCount, formatDuration, formatPercent, formatPValue, formatShare } from "./format.js";
import { makeButton, getElement, makeElement, place, setText } from "./page.js";

const FEATURES: readonly (readonly [keyof Features, string, string])[] = [
  ["similarity", "Similarity", "cosine of prompt and candidate, from 0 to 1"],
  ["recency", "Recency", "halves with every half-life of its age"],
  ["frequency", "Frequency", "logarithm of how often it was used"],
  ["successRate", "Success rate", "share of uses that went well"],
  ["metadataOverlap", "Metadata", "shared pairs over all pairs of the request"],
];

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
  if (processed === 0) return "No candidates yet: add one, paste a list or load the example set.";
  const ranked = `${formatCount(processed)} ranked`;
  const time = microseconds === null ? "less than the clock can tell" : formatDuration(microseconds);
  const rest = left > 0 ? `; ${formatCount(left)} more are in the JSON` : "";
  return `${ranked} in ${time}${rest}`;
}

function makeRow({ edit, remove }: Actions): Row {
  let current: Candidate | undefined;
  const [rank, name, about, tags] = [makeElement("span", "rank"), makeElement("h3"), makeElement("p", "about-it"), makeElement("ul", "tags")];
  const [confidence, verdict, evidence] = [makeElement("output"), makeElement("span", "badge"), makeElement("p", "scale")];
  const bar = makeElement("div", "bar", makeElement("span", "band"), makeElement("span", "mark"));
  bar.setAttribute("role", "img");
  const features = FEATURES.map(([key, label, title]) => makeFeatureRow(key, label, title));
  const [change, drop] = [
    makeButton("link", "Edit", () => {
      if (current) edit(current);
    }),
    makeButton("link", "Remove", () => {
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
      change.ariaLabel = `Edit ${candidate.id}`;
      drop.ariaLabel = `Remove ${candidate.id}`;
      confidence.textContent = formatPercent(decision.confidence);
      verdict.textContent = decision.useLightweight ? "good enough" : "not sure enough";
      showBar(bar, evidence, decision);
      for (const { key, show } of features) show(decision.features[key]);
    },
  };
}

function showBar(bar: HTMLElement, evidence: HTMLElement, decision: RoutingDecision): void {
  const { confidence, interval, uncertainty } = decision;
  const [from, to] = interval ?? [confidence, confidence];
  place(bar, "--at", confidence);
  place(bar, "--from", from);
  place(bar, "--to", to);
  const range = interval ? `${formatPercent(from)} to ${formatPercent(to)}` : "no interval";
  bar.ariaLabel = `Confidence ${formatPercent(confidence)}, ${range}`;
  evidence.replaceChildren(
    makeElement("span", "", `uncertainty ${formatPValue(uncertainty)}`),
    makeElement("span", "", range),
  );
}

interface FeatureRow {
  readonly key: keyof Features;
  readonly row: HTMLElement;
  readonly show: (value: number) => void;
}

function makeFeatureRow(key: keyof Features, label: string, title: string): FeatureRow {
  const [value, bar] = [makeElement("span", "value"), makeElement("span", "small-bar", makeElement("span"))];
  bar.ariaHidden = "true";
  const row = makeElement("div", "", makeElement("dt", "", label), makeElement("dd", "", bar, value));
  row.title = title;
  row.dataset["feature"] = key;
  return {
    key,
    row,
    show(number) {
      place(bar, "--at", number);
      value.textContent = formatShare(number);
    },
  };
}

function describe({ text, embedding }: Candidate): string {
  return text ?? `an embedding of ${formatCount(embedding?.length ?? 0)} numbers`;
}

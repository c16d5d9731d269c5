import type { Router } from "tiny-dancer";
import { makeExampleCandidates } from "./examples.js";
import { createCandidateForm } from "./form.js";
import { createJsonDialog } from "./json.js";
import type { CandidateSet } from "./set.js";
import { getElement, getInput, showFault } from "../page.js";
import { parsePairs } from "./pairs.js";
import { onLanguage } from "../words/language.js";
import { RankingList } from "./ranking.js";

/** The editor of candidates and their ranking for the prompt. */
export class CandidatesPanel {
  readonly #router: Router;
  readonly #set: CandidateSet;
  readonly #prompt: () => string;
  readonly #list: RankingList;
  #pending = new AbortController();

  constructor(router: Router, set: CandidateSet, prompt: () => string) {
    this.#router = router;
    this.#set = set;
    this.#prompt = prompt;
    const changed = () => void this.rank();
    const form = createCandidateForm(set, changed);
    const json = createJsonDialog(set, changed);
    this.#list = new RankingList({
      edit: (candidate) => {
        form.open(candidate);
      },
      remove: ({ id }) => {
        getElement("candidates-title").focus(); // the button that has the focus goes
        void this.#change(set.remove(id));
      },
    });
    getElement("candidate-add").addEventListener("click", () => {
      form.open();
    });
    getElement("candidates-paste").addEventListener("click", () => {
      json.open();
    });
    getElement("candidates-example").addEventListener("click", () => {
      const missing = makeExampleCandidates().filter(({ id }) => !set.find(id));
      void this.#change(set.replace([...set.list, ...missing]));
    });
    getInput("request-metadata").addEventListener("input", changed);
    onLanguage(changed);
  }

  /** Ranks the candidates for the prompt; an earlier call that is still pending is dropped. */
  async rank(): Promise<void> {
    const { isScored } = this.#set;
    getElement("no-candidates").hidden = isScored;
    getElement("candidate-actions").hidden = !isScored;
    getElement("candidate-work").hidden = !isScored;
    if (!isScored) return;
    this.#pending.abort();
    this.#pending = new AbortController();
    const { signal } = this.#pending;
    try {
      const metadata = parsePairs(getInput("request-metadata").value, ",");
      const response = await this.#router.score({ prompt: this.#prompt(), metadata, signal });
      showFault("ranking-fault", this.#set.fault);
      this.#list.show(response, this.#set);
    } catch (error) {
      if (!signal.aborted) showFault("ranking-fault", error);
    }
  }

  async #change(change: Promise<void>): Promise<void> {
    try {
      await change;
      await this.rank();
    } catch (error) {
      showFault("ranking-fault", error);
    }
  }
}

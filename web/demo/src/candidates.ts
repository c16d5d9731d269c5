import type { Router } from "tiny-dancer";
import { exampleCandidates } from "./candidate-examples.js";
import { candidateForm } from "./candidate-form.js";
import { jsonDialog } from "./candidate-json.js";
import type { CandidateSet } from "./candidate-set.js";
import { element, input, showFault } from "./page.js";
import { parsePairs } from "./pairs.js";
import { RankingList } from "./ranking.js";

/** The editor of candidates and their ranking for the prompt. */
export class CandidatesPanel {
  readonly #router: Router;
  readonly #set: CandidateSet;
  readonly #prompt: () => string;
  readonly #list: RankingList;
  #asked = new AbortController();

  constructor(router: Router, set: CandidateSet, prompt: () => string) {
    this.#router = router;
    this.#set = set;
    this.#prompt = prompt;
    const changed = () => void this.rank();
    const form = candidateForm(set, changed);
    const json = jsonDialog(set, changed);
    this.#list = new RankingList({
      edit: (candidate) => {
        form.open(candidate);
      },
      remove: ({ id }) => {
        element("candidates-title").focus(); // the button that has the focus goes
        void this.#change(set.remove(id));
      },
    });
    element("candidate-add").addEventListener("click", () => {
      form.open();
    });
    element("candidates-paste").addEventListener("click", () => {
      json.open();
    });
    element("candidates-example").addEventListener("click", () => {
      const missing = exampleCandidates().filter(({ id }) => !set.named(id));
      void this.#change(set.replace([...set.list, ...missing]));
    });
    input("request-metadata").addEventListener("input", changed);
  }

  /** Ranks the candidates for the prompt; an earlier question that is still open is dropped. */
  async rank(): Promise<void> {
    const { scored } = this.#set;
    element("no-candidates").hidden = scored;
    element("candidate-actions").hidden = !scored;
    element("candidate-work").hidden = !scored;
    if (!scored) return;
    this.#asked.abort();
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    try {
      const metadata = parsePairs(input("request-metadata").value, ",");
      const response = await this.#router.route({ prompt: this.#prompt(), metadata, signal, record: false });
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

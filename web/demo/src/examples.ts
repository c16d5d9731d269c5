import { makeButton, makeElement } from "./page.js";
import { onLanguage, t } from "./words/language.js";

/** Prompts to try; each has a short name in words/. */
export const EXAMPLES = [
  { name: "example.capital", prompt: "What is the capital of France?" },
  { name: "example.proof", prompt: "Prove that every bounded sequence of real numbers has a convergent subsequence." },
  { name: "example.code", prompt: "Write a Python function that merges overlapping intervals, and give its complexity." },
  { name: "example.note", prompt: "Write two friendly sentences thanking a neighbour for watering my plants." },
  {
    name: "example.queue",
    prompt:
      "Customers arrive as a Poisson process of rate 12 an hour and one clerk serves 15 an hour. " +
      "What is the probability that a customer waits longer than 10 minutes?",
  },
  { name: "example.translate", prompt: "Translate into Spanish: The train to Seville leaves at half past nine." },
] as const;

/** Fills the list; `choose` gets the prompt of a button that was pressed. */
export function showExamples(list: HTMLElement, choose: (prompt: string) => void): void {
  const show = () => {
    const items = EXAMPLES.map(({ name, prompt }) => {
      const button = makeButton("", t(name), () => {
        choose(prompt);
      });
      button.title = prompt;
      return makeElement("li", "", button);
    });
    list.replaceChildren(...items);
  };
  show();
  onLanguage(show);
}

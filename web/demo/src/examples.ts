/** Prompts to try, a few words of each as its name. */
export const EXAMPLES = [
  ["Capital of France", "What is the capital of France?"],
  [
    "Bounded sequences",
    "Prove that every bounded sequence of real numbers has a convergent subsequence.",
  ],
  [
    "Merge intervals",
    "Write a Python function that merges overlapping intervals, and give its complexity.",
  ],
  ["A thank-you note", "Write two friendly sentences thanking a neighbour for watering my plants."],
  [
    "Poisson queue",
    "Customers arrive as a Poisson process of rate 12 an hour and one clerk serves 15 an hour. " +
      "What is the probability that a customer waits longer than 10 minutes?",
  ],
  ["Translate", "Translate into Spanish: The train to Seville leaves at half past nine."],
] as const;

/** Fills the list; `choose` gets the prompt of a chip that was pressed. */
export function showExamples(list: HTMLElement, choose: (prompt: string) => void): void {
  for (const [name, prompt] of EXAMPLES) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.title = prompt;
    button.addEventListener("click", () => {
      choose(prompt);
    });
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  }
}

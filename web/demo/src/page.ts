/** The element with this id; the page cannot work without it. */
export function getElement(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element #${id}`);
  return found;
}

export function getInput(id: string): HTMLInputElement {
  return getElement(id) as HTMLInputElement;
}

export function getTextArea(id: string): HTMLTextAreaElement {
  return getElement(id) as HTMLTextAreaElement;
}

export function setText(id: string, text: string): void {
  getElement(id).textContent = text;
}

/** A new element of this class, with what it holds. */
export function makeElement<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  name = "",
  ...content: (string | Node)[]
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...content);
  return made;
}

/** A button that does something. */
export function makeButton(name: string, text: string, act: () => void): HTMLButtonElement {
  const made = makeElement("button", name, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** Sets a position within a bar, as a share of its width. */
export function place(bar: HTMLElement, property: string, share: number): void {
  bar.style.setProperty(property, `${String(100 * share)}%`);
}

/** Shows what went wrong in an alert; hides the alert where nothing did. */
export function showFault(id: string, error?: unknown): void {
  const alert = getElement(id);
  alert.hidden = error === undefined;
  alert.textContent = error instanceof Error ? `${error.name}: ${error.message}` : "";
}

/** Lets a dialog's cancel button close it, and its form hand over what was entered. */
export function onSave(dialog: HTMLDialogElement, save: () => Promise<void>, fault: string): void {
  dialog.querySelector("[data-close]")?.addEventListener("click", () => {
    dialog.close();
  });
  dialog.querySelector("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    save().then(
      () => {
        dialog.close();
      },
      (error: unknown) => {
        showFault(fault, error);
      },
    );
  });
}

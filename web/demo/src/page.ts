/** The element with this id; the page cannot work without it. */
export function getElement(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element #${id}`);
  return found;
}

export function getInput(id: string): HTMLInputElement {
  return getElement(id) as HTMLInputElement;
}

export function getSelect(id: string): HTMLSelectElement {
  return getElement(id) as HTMLSelectElement;
}

export function getButton(id: string): HTMLButtonElement {
  return getElement(id) as HTMLButtonElement;
}

export function getTextArea(id: string): HTMLTextAreaElement {
  return getElement(id) as HTMLTextAreaElement;
}

export function setText(id: string, text: string): void {
  const element = getElement(id);
  if (element.textContent !== text) element.textContent = text; // an equal one would be read out again
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

/** Runs this at a click, and shows in `fault` what goes wrong; the button waits meanwhile. */
export function onClick(id: string, fault: string, act: () => Promise<void> | void): void {
  const button = getButton(id);
  button.addEventListener("click", () => {
    button.disabled = true;
    showFault(fault);
    Promise.resolve()
      .then(act)
      .catch((error: unknown) => {
        showFault(fault, error);
      })
      .finally(() => {
        button.disabled = false;
      });
  });
}

/** Sets a position within a bar, as a share of its width. */
export function place(bar: HTMLElement, property: string, share: number): void {
  bar.style.setProperty(property, `${String(100 * share)}%`);
}

/** Shows what went wrong in its place, and has it read out; hides it where nothing did. */
export function showFault(id: string, error?: unknown): void {
  const place = getElement(id);
  place.hidden = error === undefined;
  place.textContent = error instanceof Error ? `${error.name}: ${error.message}` : "";
  if (error !== undefined) setText("errors", place.textContent);
}

/** Has a screen reader say how far something is; nothing is seen. */
export function announce(text: string): void {
  setText("announcements", text);
}

/** Hands a file to the browser's downloads. */
export function download(file: Blob, name: string): void {
  const link = makeElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
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

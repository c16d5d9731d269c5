/** The element with this id; the page cannot work without it. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element #${id}`);
  return found;
}

export function setText(id: string, text: string): void {
  element(id).textContent = text;
}
